/** Files that others write, read without trust: none is longer than memory allows. */
import { type FileHandle, open } from 'node:fs/promises'

/** The bytes of a file, or a clause that says why there are none. */
export type FileBytes = { readonly bytes: Uint8Array } | { readonly why: string; readonly missing?: true }

/** Reads a file of at most `mostBytes`, from a pipe too; a longer one is refused. Never rejects. */
export async function readBoundedFile(path: string, mostBytes: number): Promise<FileBytes> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    const bytes = size > mostBytes ? undefined : await readAtMost(file, mostBytes, size)
    if (bytes !== undefined) return { bytes }
    const most = formatBytes(mostBytes)
    return {
      why:
        size > mostBytes
          ? `it is ${formatBytes(size)}; at most ${most} are read`
          : `it is longer than ${most}, the most that is read`,
    }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const why = whyByCode[code] ?? message
    return why === whyByCode['ENOENT'] ? { why, missing: true } : { why }
  }
}

/** Undefined when there is more. A pipe has no size to go by: the buffer grows. */
async function readAtMost(file: FileHandle, most: number, expected: number): Promise<Buffer | undefined> {
  let buffer = Buffer.alloc(Math.max(expected, 64 * 1024) + 1)
  let length = 0
  while (length <= most) {
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)])
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  return undefined
}

/** Why a file cannot be read, by the code of the error, as a clause. */
export const whyByCode: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory, not a file',
  EBUSY: 'another program holds it open',
  Z_BUF_ERROR: 'its gzip is cut short',
  Z_DATA_ERROR: 'its gzip is damaged',
}

/** The encoding that a byte order mark tells; Windows PowerShell's redirection writes UTF-16 with one. */
export function markedEncoding([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** The text that bytes are in an encoding, without a byte order mark; otherwise a clause that says that they are none. */
export function decodeText(
  bytes: Uint8Array,
  encoding: string,
): { readonly text: string } | { readonly why: string } {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) }
  } catch {
    return { why: `it is not ${encoding.toUpperCase()} text` }
  }
}

const units = ['bytes', 'KiB', 'MiB', 'GiB'] as const

/** A size as people read it: `120 KiB`, `2 GiB`. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${Number((bytes / 1024 ** step).toPrecision(3))} ${units[step]}`
}
