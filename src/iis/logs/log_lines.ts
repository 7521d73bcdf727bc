/** The lines of a log of any size, in memory that does not grow with it: plain or gzip, UTF-8, ANSI or UTF-16. */
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { markedEncoding } from '../../runtime/bounded_file.ts'

/** The bytes of a log from its beginning, unpacked. `onBytes` hears how many were read of the file, for progress. */
export type OpenLog = (onBytes?: (bytes: number) => void) => AsyncIterable<Uint8Array>

/**
 * A line stands in `text` from `from` to before `to`; `line` counts from 1. A character is a byte: see `ownText`. What
 * returns false needs no more lines.
 */
export type TakeLine = (text: string, from: number, to: number, line: number) => unknown

const blockBytes = 1024 * 1024
/** IIS cuts what it logs of a field at 4 KiB. */
const mostLineBytes = 1024 * 1024

/** Unpacks a file that begins as gzip does, whatever its name. */
export const openLogFile = (path: string): OpenLog =>
  async function* (onBytes) {
    await using file = await open(path)
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    const bytes = async function* () {
      for await (const chunk of file.createReadStream({
        start: 0,
        highWaterMark: blockBytes,
        autoClose: false,
      })) {
        onBytes?.((chunk as Buffer).length)
        yield chunk as Buffer
      }
    }
    const isGzip = buffer[0] === 0x1f && buffer[1] === 0x8b
    if (isGzip) yield* pipeline(bytes, createGunzip({ chunkSize: blockBytes }), () => undefined)
    else yield* bytes()
  }

/** Takes every line; the last one may have no end. Throws where a line is too long for a log. */
export async function eachLine(log: AsyncIterable<Uint8Array>, take: TakeLine): Promise<void> {
  let rest = ''
  let line = 0
  for await (const text of textsOf(log)) {
    const block = rest + text
    let from = 0
    for (let to = block.indexOf('\n'); to >= 0; to = block.indexOf('\n', from)) {
      const end = block.charCodeAt(to - 1) === carriageReturn ? to - 1 : to
      if (take(block, from, end, ++line) === false) return
      from = to + 1
    }
    rest = block.slice(from)
    if (rest.length > mostLineBytes) throw new Error(`line ${line + 1} is longer than 1 MiB; this is no log`)
  }
  if (rest !== '') take(rest, 0, rest.length, line + 1)
}

const carriageReturn = 13

/** Each block as a string of bytes, in UTF-8 where it came as UTF-16, without a byte order mark. */
async function* textsOf(log: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let isFirst = true
  for await (const chunk of log) {
    if (isFirst) {
      const encoding = markedEncoding(chunk)
      if (encoding !== undefined) decoder = new TextDecoder(encoding)
    }
    const bytes =
      decoder === undefined ? asBuffer(chunk) : Buffer.from(decoder.decode(chunk, { stream: true }))
    const isMarked = isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    yield bytes.toString('latin1', isMarked ? 3 : 0)
    isFirst = false
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The beginning of a log as text. */
export async function headOf(log: AsyncIterable<Uint8Array>): Promise<string> {
  let head = ''
  for await (const text of textsOf(log)) {
    head += text
    if (head.length >= mostHeadBytes) break
  }
  return head.slice(0, mostHeadBytes)
}

const mostHeadBytes = 256 * 1024

/** What a log says, block by block and with plain line ends: UTF-8, or the ANSI code page of Western Windows. */
export async function* readableTexts(log: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  let decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const text of textsOf(log)) {
    const bytes = Buffer.from(text, 'latin1')
    try {
      yield decoder.decode(bytes, { stream: true }).replaceAll('\r', '')
    } catch {
      decoder = new TextDecoder('windows-1252')
      yield decoder.decode(bytes).replaceAll('\r', '')
    }
  }
}

/** A copy of its own: a part of a block would keep the whole block in memory. */
export const ownText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('latin1')

/** What the bytes say: UTF-8, or the ANSI code page of Western Windows. */
export function readable(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer)
  } catch {
    return new TextDecoder('windows-1252').decode(buffer)
  }
}
