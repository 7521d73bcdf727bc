import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpServer, startHttpServer } from './http_server.ts'

export interface NtlmServer extends HttpServer {
  /** The value of Authorization of every request, in order; empty for none. */
  readonly sent: readonly string[]
}

interface NtlmServerOptions {
  readonly schemes?: readonly string[]
  /** The names of the computers that answer the first, second, … message. */
  readonly computers?: readonly string[]
  readonly accepts?: boolean
  readonly tls?: { readonly cert: string; readonly key: string }
  /** What the answer to the last message is made of, for the Authorization that it came with. */
  readonly page?: (authorization: string) => string
  readonly beforeChallenge?: (response: ServerResponse, request: IncomingMessage) => void
}

/**
 * A server that challenges and then takes or refuses every answer: passwords are compared by a real one, in
 * `test/real/windows_auth.test.ts`.
 */
export async function startNtlmServer({
  schemes = ['Negotiate', 'NTLM'],
  computers = ['WEB01'],
  accepts = true,
  tls,
  page = () => 'Welcome',
  beforeChallenge = () => {},
}: NtlmServerOptions = {}): Promise<NtlmServer> {
  const sent: string[] = []
  const server = await startHttpServer(
    (request, response) => {
      const { authorization = '' } = request.headers
      const [scheme = '', token = ''] = authorization.split(' ')
      const type = Buffer.from(token, 'base64')[8]
      const computer = computers[sent.push(authorization) % computers.length] ?? ''
      const challenged = schemes.includes(scheme) && type === 1
      if (challenged) beforeChallenge(response, request)
      if (schemes.includes(scheme) && type === 3 && accepts) return void response.end(page(authorization))
      const offers = challenged ? [`${scheme} ${challengeOf(computer).toString('base64')}`] : [...schemes]
      response.writeHead(401, { 'WWW-Authenticate': offers }).end(page(authorization))
    },
    tls ? { tls } : {},
  )
  return { ...server, sent, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** A CHALLENGE_MESSAGE of [MS-NLMP], 2.2.1.2, from a computer, with pairs of attributes and values beside its name. */
export function challengeOf(
  computer: string,
  more: readonly (readonly [id: number, value: Buffer])[] = [],
): Buffer {
  const pairs = [[1, Buffer.from(computer, 'utf16le')] as const, ...more, [0, Buffer.alloc(0)] as const]
  const info = Buffer.concat(
    pairs.flatMap(([id, value]) => [Buffer.from([id, 0, value.length & 0xff, value.length >> 8]), value]),
  )
  const head = Buffer.alloc(56)
  head.write('NTLMSSP\0', 'latin1')
  head.writeUInt32LE(2, 8)
  head.writeUInt32LE(0x2288_8205, 20)
  Buffer.from('0123456789abcdef', 'hex').copy(head, 24)
  head.writeUInt16LE(info.length, 40)
  head.writeUInt16LE(info.length, 42)
  head.writeUInt32LE(head.length, 44)
  return Buffer.concat([head, info])
}
