import { type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { Clock } from '../../runtime/clock.ts'
import type { UpstreamFailure } from '../balancer/gateway_answer.ts'
import { logIdHeader } from './running_farm.ts'

export interface UpstreamAsk {
  readonly host: string
  readonly port: number
  readonly request: IncomingMessage
  /** Shows the node that the request comes from the balancer. */
  readonly logId: string
  /** How long to wait for the first byte of the answer. */
  readonly timeoutMs: number
}

/** A node's answer, whose body is still to be read; or why there is none; `gone` when the client left before. */
export type Upstream = IncomingMessage | Exclude<UpstreamFailure, 'no_node'> | 'gone'

/** Passes a request on, over a connection of its own, and calls `done` once. */
export function askUpstream(
  { host, port, request, logId, timeoutMs }: UpstreamAsk,
  client: ServerResponse,
  clock: Clock,
  done: (upstream: Upstream) => void,
): void {
  const headers = { ...request.headers, connection: 'close', [logIdHeader]: logId }
  const upstream = send({ host, port, method: request.method, path: request.url, headers, agent: false })
  const cancel = clock.after(timeoutMs, () => conclude('timeout'))
  let concluded = false

  function conclude(result: Upstream): void {
    if (concluded) return
    concluded = true
    cancel()
    client.off('close', leave)
    if (typeof result === 'string') upstream.destroy()
    done(result)
  }

  const leave = () => conclude('gone')
  client.once('close', leave)
  upstream.once('response', conclude)
  upstream.on('error', (error: NodeJS.ErrnoException) =>
    conclude(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
  )
  request.pipe(upstream)
}
