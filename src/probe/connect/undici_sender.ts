import { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import Client from 'undici/lib/dispatcher/client.js'
import { maxHeadBytes } from '../exchange/answer.ts'

/** Has undici make one request on a connection, when the last one is over. */
export type Send = (request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => void

/** An undici client for one socket at a time. */
interface Sender {
  readonly send: Send
  /** The socket that undici was not given yet. */
  socket: Socket | undefined
}

/** Senders without a socket: to make a client costs as much as to make a request. */
const idle: Sender[] = []
const maxIdle = 256

/**
 * Hands an open socket to undici, for the requests that are sent with what this returns. When the connection is gone,
 * a request that is not on its way yet fails: undici would connect again, and is refused.
 */
export function createSender(socket: Socket): Send {
  const sender = idle.pop() ?? createIdleSender()
  sender.socket = socket
  return sender.send
}

// Of no meaning: the connection is open already, and each request has its own Host.
const origin = new URL('http://target')
const forever = 2 ** 31 - 1

function createIdleSender(): Sender {
  let connected: (() => void) | undefined
  const sender: Sender = { send, socket: undefined }
  const client = new Client(origin, {
    // The one deadline of a probe is kept elsewhere: undici's clock ticks twice a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: maxHeadBytes,
    allowH2: false,
    // An idle connection is closed a second before the time that the peer promises to keep it, if it promises one.
    keepAliveTimeout: forever,
    keepAliveMaxTimeout: forever,
    keepAliveTimeoutThreshold: 1000,
    connect(_, callback) {
      const { socket } = sender
      sender.socket = undefined
      if (socket) connected = () => callback(null, socket)
      else callback(new Error('the connection is gone'), null)
    },
  })
  client.on('disconnect', () => {
    if (idle.length < maxIdle) idle.push(sender)
  })

  function send(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    client.dispatch(request, handler)
    // Not before: while undici walks its queue, which is where it connects, it would not walk it again.
    connected?.()
    connected = undefined
  }

  return sender
}

/** Compiles undici's parser: some milliseconds that no probe is to be charged with. */
export function warmUp(): void {
  const handler = {
    onRequestStart() {},
    onResponseStart() {},
    onResponseData() {},
    onResponseEnd() {},
    onResponseError() {},
  }
  createSender(new Socket().destroy())({ path: '/', method: 'GET' }, handler)
}
