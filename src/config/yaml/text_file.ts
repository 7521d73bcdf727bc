import { type FileHandle, open } from 'node:fs/promises'
import { whyUnreadable } from '../../runtime/why_unreadable.ts'

/** The text of a file, or one clause that says why there is none. */
type ReadResult = { readonly text: string } | { readonly why: string }

export type ReadText = (path: string) => Promise<ReadResult>

/** Ten thousand farms of ten targets take 5.3 MB; what is longer is no configuration, and parsing it would stall the process. */
const longestBytes = 8 * 1024 * 1024

/** Reads a UTF-8 text of at most 8 MiB, from a pipe too; a byte order mark is dropped. Never rejects. */
export const readTextFile: ReadText = async (path) => {
  try {
    await using file = await open(path, 'r')
    const bytes = await readAtMost(file, longestBytes + 1)
    if (bytes.length > longestBytes) return { why: `it is longer than ${longestBytes} bytes (8 MiB)` }
    return decode(bytes)
  } catch (error) {
    return { why: whyUnreadable(error as NodeJS.ErrnoException) }
  }
}

async function readAtMost(file: FileHandle, most: number): Promise<Buffer> {
  const buffer = Buffer.alloc(most)
  let length = 0
  while (length < most) {
    const { bytesRead } = await file.read(buffer, length, most - length, null)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

function decode(bytes: Uint8Array): ReadResult {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { why: 'it is not UTF-8 text' }
  }
}
