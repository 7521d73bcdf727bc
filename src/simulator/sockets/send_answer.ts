/** Sends a simulated answer, or fails, on a real connection. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../runtime/clock.ts'
import type { Page } from '../answer/pages.ts'
import type { Failed, Served } from '../answer/simulated_answer.ts'

/** Timers are not finer than this. */
const timerResolutionMs = 2

type Headers = Page['headers']

/** Sends the page when its time has come, unless the client leaves before. */
export function sendServed(answer: Served, more: Headers, response: ServerResponse, clock: Clock): void {
  later(answer.firstByteMs, response, clock, () => {
    sendHead(answer.page, more, response)
    const finish = () => void response.end(answer.page.body)
    if (answer.transferMs >= timerResolutionMs) {
      response.flushHeaders()
      later(answer.transferMs, response, clock, finish)
    } else finish()
  })
}

/** Fails as the node would. What cannot be done on a connection that is open already is done as nearly as possible. */
export function sendFailure({ how, afterMs }: Failed, response: ServerResponse, clock: Clock): void {
  const { socket } = response
  if (socket === null || how === 'unanswered' || how === 'unreachable') return
  later(afterMs, response, clock, () => end(socket, how))
}

function end(socket: Socket, how: 'refused' | 'reset' | 'closed' | 'garbage'): void {
  if (how === 'closed') socket.end()
  else if (how === 'garbage') socket.end('220 mail.example.org ESMTP ready\r\n')
  else socket.resetAndDestroy()
}

function later(delayMs: number, response: ServerResponse, clock: Clock, act: () => void): void {
  const cancel = clock.after(delayMs, act)
  response.once('close', cancel)
}

function sendHead(page: Page, more: Headers, response: ServerResponse): void {
  response.statusMessage = page.statusText
  response.statusCode = page.status
  for (const [name, value] of [...page.headers, ...more]) response.appendHeader(name, value)
  response.setHeader('Content-Length', page.bytes)
}
