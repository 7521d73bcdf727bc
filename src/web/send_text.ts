/** Text that is sent while it is made, so that it is never whole in memory. */
import { ReadableStream } from 'node:stream/web'
import type { Context } from 'hono'

/** Each piece is made when the one before it has been taken. */
export const sendText = (
  c: Context,
  pieces: AsyncIterable<string | Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Response =>
  c.req.method === 'HEAD'
    ? c.body(null, 200, headers)
    : c.body(ReadableStream.from(encoded(pieces)), 200, headers)

/** Web streams carry bytes only. */
export async function* encoded(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}
