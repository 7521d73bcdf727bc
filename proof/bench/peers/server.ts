/**
 * The targets: one cheap server on every address of 127.0.0.0/8, in a process of its own so that its work is never
 * counted with a prober's. It answers at once (`fast`), also without a close (`keep`), or holds each answer 5 to 50 ms and
 * keeps how long it did by its own clock (`hold`). Arguments: port, mode, and for TLS the files of a certificate and its
 * key. Messages: `count`, `holds`, `first`.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { createServer as createTlsServer } from 'node:tls'
import { seededRandom } from '../../../src/runtime/random.ts'

const [port, mode, cert, key] = [Number(process.argv[2]), ...process.argv.slice(3)]
const body = 'x'.repeat(1024)
const close = mode === 'keep' ? '' : 'Connection: close\r\n'
const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${close}`
const answer = Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
const random = seededRandom(20)

let answered = 0
let onFirst = () => {}
const firstRequest = new Promise<void>((resolve) => {
  onFirst = resolve
})
/** By X-Farmprobe-Id: milliseconds from the request read whole to the answer written. */
let holds: [id: string, ms: number][] = []

const serve = (socket: Socket) => {
  let request = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    request += chunk.toString('latin1')
    if (!request.endsWith('\r\n\r\n')) return
    if (mode === 'hold') hold(socket, request, performance.now())
    else reply(socket)
    request = ''
  })
}
const server =
  cert && key
    ? createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, serve)
    : createServer(serve)

function reply(socket: Socket): void {
  if (mode === 'keep') socket.write(answer)
  else socket.end(answer)
  if (answered === 0) onFirst()
  answered += 1
}

function hold(socket: Socket, request: string, sinceMs: number): void {
  const id = /^x-farmprobe-id: *(\S+)/im.exec(request)?.[1] ?? ''
  setTimeout(
    () => {
      holds.push([id, performance.now() - sinceMs])
      reply(socket)
    },
    5 + 45 * random(),
  )
}

process.on('message', (question) => {
  if (question === 'count') process.send?.(answered)
  if (question === 'first') void firstRequest.then(() => process.send?.('first'))
  if (question === 'holds') {
    process.send?.(holds)
    holds = []
  }
})

server.listen({ port, host: '0.0.0.0', backlog: 4096, reusePort: true }, () => process.send?.('ready'))
process.once('SIGTERM', () => process.exit(0))
