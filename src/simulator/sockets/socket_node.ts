import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeHeaders } from '../answer/shown_headers.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'
import { type Listening, listen } from './listening.ts'
import { actFailed, actServed } from './send_answer.ts'
import { logIdHeader, type Stage } from './stage.ts'

/** A node on a socket of its own, which refuses connections while the model says so. */
export async function startNode(stage: Stage, node: SimulatedNode, host: string): Promise<Listening> {
  const listening = await listen(
    host,
    (request, response) => answer(stage, node, request, response),
    stage.clock,
  )
  stage.onChange(() => listening.accept(node.outage() !== 'refused'))
  return listening
}

function answer(
  { model, clock, play, blames }: Stage,
  node: SimulatedNode,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const logId = request.headers[logIdHeader]
  request.resume()
  play((nowMs) => {
    const found = node.request(nowMs, pathOf(request), 'probe')
    if (typeof logId === 'string' && blames.has(logId)) blames.set(logId, found.blame)
    // The network's weather is between prober and farm, not inside the farm.
    const extraMs = logId === undefined ? model.weather.extraMs(nowMs) : 0
    if (found.kind === 'failed')
      return actFailed({ ...found, afterMs: found.afterMs + extraMs }, response, clock)
    const shown = nodeHeaders(model.scenario, found.page, node.name, found.token)
    actServed({ ...found, firstByteMs: found.firstByteMs + extraMs }, shown, response, clock)
  })
}

/** The path without its query. */
export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'
