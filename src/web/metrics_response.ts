import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Context } from 'hono'
import { acceptsGzip } from './accepts_gzip.ts'
import type { Ports } from './web_ports.ts'

/** `GET /metrics`, sent while it is made, so that no exposition is ever whole in memory. */
export function metricsResponse(c: Context, ports: Ports): Response {
  const { contentType, chunks } = ports.render(c.req.header('Accept'))
  const gzip = acceptsGzip(c.req.header('Accept-Encoding'))
  const headers = {
    'Content-Type': contentType,
    Vary: 'Accept, Accept-Encoding',
    ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
  }
  if (c.req.method === 'HEAD') return c.body(null, 200, headers)
  const text = Readable.from(encoded(chunks))
  const body = gzip ? compressed(text) : text
  return c.body(Readable.toWeb(body) as ReadableStream, 200, headers)
}

/** Web streams carry bytes only. */
async function* encoded(chunks: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

function compressed(text: Readable): Readable {
  const gzip = createGzip({ level: 1 })
  // A client that goes away ends the stream; there is nobody to tell.
  pipeline(text, gzip, () => undefined)
  return gzip
}
