import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeHeaders } from '../answer/shown_headers.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'
import { type Listening, listen } from './listening.ts'
import { logIdHeader, type RunningFarm } from './running_farm.ts'
import { sendFailure, sendServed } from './send_answer.ts'

/** A node on a socket of its own, which refuses connections while the model says so. */
export async function startNode(farm: RunningFarm, node: SimulatedNode, host: string): Promise<Listening> {
  const listening = await listen(
    host,
    (request, response) => answer(farm, node, request, response),
    farm.clock,
  )
  farm.onChange(() => listening.accept(node.outage() !== 'refused'))
  return listening
}

function answer(
  { model, clock, update, blames }: RunningFarm,
  node: SimulatedNode,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const logId = request.headers[logIdHeader]
  request.resume()
  update((nowMs) => {
    const found = node.request(nowMs, pathOf(request), 'probe')
    if (typeof logId === 'string' && blames.has(logId)) blames.set(logId, found.blame)
    // The network's weather is between prober and farm, not inside the farm.
    const extraMs = logId === undefined ? model.weather.extraMs(nowMs) : 0
    if (found.kind === 'failed')
      return sendFailure({ ...found, afterMs: found.afterMs + extraMs }, response, clock)
    const shown = nodeHeaders(model.scenario, found.page, node.name, found.token)
    sendServed({ ...found, firstByteMs: found.firstByteMs + extraMs }, shown, response, clock)
  })
}

/** The path without its query. */
export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'
