import { type FileHandle, open } from 'node:fs/promises'
import { whyUnreadable } from '../../runtime/why_unreadable.ts'
import { formatBytes } from './format_bytes.ts'

/** The bytes of a file, or a clause that says why there are none. */
type BytesResult = { readonly bytes: Uint8Array } | { readonly why: string; readonly missing?: true }

export type ReadBytes = (path: string) => Promise<BytesResult>

/** The configuration of a server with thousands of sites has 5 MB; what is larger is something else. */
const longestBytes = 32 * 1024 * 1024

/** Reads a file of at most 32 MiB; one that is larger is refused by its size, unread. Never rejects. */
export const readBytes: ReadBytes = async (path) => {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    if (size > longestBytes) return tooLarge(formatBytes(size))
    const bytes = await readAtMost(file, longestBytes + 1, size)
    return bytes.length > longestBytes ? tooLarge('endless') : { bytes }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const missing = code === 'ENOENT' || code === 'ENOTDIR'
    return { why: whyUnreadable(error as NodeJS.ErrnoException), ...(missing && { missing }) }
  }
}

const tooLarge = (size: string): BytesResult => ({
  why: `it is ${size}; no configuration of IIS is larger than ${formatBytes(longestBytes)}`,
})

/** A pipe has no size to go by: the buffer grows until the end or `most`. */
async function readAtMost(file: FileHandle, most: number, expected: number): Promise<Uint8Array> {
  let buffer = Buffer.alloc(Math.min(most, Math.max(expected, 64 * 1024) + 1))
  let length = 0
  while (length < most) {
    if (length === buffer.length)
      buffer = Buffer.concat([buffer, Buffer.alloc(Math.min(buffer.length, most - buffer.length))])
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}
