import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A web server that fails and, as some error pages do, repeats whatever it was sent: in every spelling, and everywhere. */
export async function startEchoingNode(sessionCookie: string) {
  const echo = async (request: IncomingMessage, response: ServerResponse) => {
    const all = `${request.url}\n${request.rawHeaders.join('\n')}\n${await text(request)}`
    response.writeHead(500, `No ${request.headers.authorization ?? 'thing'}`, {
      'Set-Cookie': `session=${sessionCookie}; Path=/`,
      'X-Worker': request.headers.authorization ?? 'none',
      'X-Echo': JSON.stringify(request.headers),
    })
    response.end(
      `<html>${all}\n${decodeURIComponent(all)}\n${encodeURIComponent(all)}\n${JSON.stringify(all)}</html>`,
    )
  }
  const server = createServer((request, response) => void echo(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
