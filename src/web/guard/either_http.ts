/** What HTTP/1.1 and HTTP/2 have in common here. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'

export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse
export type Listener = (request: Request, response: Response) => void
export type WebServer = Server | Http2SecureServer
