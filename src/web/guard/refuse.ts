/** Refusals cost little, however many a client asks for: the first one on a connection is the last. */

import { constants } from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock } from '../../runtime/clock.ts'
import { clientOf, createClientRates } from './client_limits.ts'
import type { Request, Response } from './either_http.ts'
import type { OnRejection, Rejection } from './rejection.ts'
import type { Limits } from './standard_limits.ts'

/**
 * Sends why, and ends the connection once it has been sent; what the client has asked for after it is not even read. Only
 * one that is asked for a password goes on: browsers send it on the same connection.
 */
export function refuse(
  request: Request,
  response: Response,
  { status, headers, text }: Rejection,
  common: Readonly<Record<string, string>>,
): void {
  if ('stream' in request && request.stream.session?.closed !== false)
    return request.stream.close(constants.NGHTTP2_REFUSED_STREAM)
  if (status !== 401) endAfter(request, response)
  response.statusCode = status
  const all = { ...common, 'Content-Type': 'text/plain; charset=UTF-8', ...headers }
  for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
  response.end(request.method === 'HEAD' ? '' : text)
}

function endAfter(request: Request, response: Response): void {
  if ('shouldKeepAlive' in response) response.shouldKeepAlive = false
  if ('stream' in request) request.stream.session?.close()
  else stopParsing(request.socket)
}

/**
 * Requests that have arrived already are parsed within the call that delivers them, some 1700 in one piece, each at the
 * cost of a whole refusal. 2 is what Node's own listener returns for an upgrade: what follows is not HTTP.
 */
function stopParsing(socket: Socket & { parser?: { onIncoming?: () => number } | null }): void {
  if (socket.parser)
    socket.parser.onIncoming = () => {
      socket.pause()
      return 2
    }
}

/**
 * Counts the requests that each client takes back over HTTP/2, after which no limit on what is under way holds them up
 * (CVE-2023-44487), and ends the connections of a client that does so too often.
 */
export function createResetLimit({
  limits,
  clock,
  onRejection,
}: {
  readonly limits: Limits
  readonly clock: Clock
  readonly onRejection: OnRejection
}): (request: Request, response: Response) => void {
  const isWithinRate = createClientRates(limits.resets, clock)
  return (request, response) => {
    if (!('stream' in request)) return
    const { session } = request.stream
    const client = clientOf(request.socket.remoteAddress)
    response.once('close', () => {
      if (request.stream.rstCode === constants.NGHTTP2_NO_ERROR || isWithinRate(client)) return
      onRejection('resets')
      if (session === undefined || session.destroyed) return
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
      session.destroy()
    })
  }
}
