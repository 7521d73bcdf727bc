/** The body of a request, whether its length is announced or not. */
import type { Context } from 'hono'
import { Refusal } from './api/refusal.ts'
import { maxBodyBytes } from './body_limits.ts'

/** @throws Refusal when it is too large */
export async function bodyOf(c: Context, mostBytes = maxBodyBytes): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  const reader = c.req.raw.body?.getReader()
  let length = 0
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    length += read.value.length
    // What is left of it is not cancelled: that would end the connection before the answer.
    if (length > mostBytes) throw new Refusal(413, `The body exceeds ${mostBytes} bytes.`)
    pieces.push(read.value)
  }
  return Buffer.concat(pieces)
}

/**
 * Undefined when it is not JSON.
 * @throws Refusal when it is too large
 */
export async function jsonOf(c: Context): Promise<unknown> {
  const body = await bodyOf(c)
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
