import { type Collector, createCollector } from './collector.ts'
import type { Header } from './header.ts'

/** All status lines and headers of an answer, 1xx included: endless headers end here. */
export const maxHeadBytes = 65_536

/** The status line and the headers of an answer. */
export interface Head {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly Header[]
  /** The Content-Encoding; empty for none. */
  readonly encoding: string
}

/** What the target answered: the head, and what was kept of the body as it came over the wire. */
export interface Answer extends Head {
  /** Still encoded; cut off where no more was wanted. */
  readonly body: Buffer
  /** The body bytes that arrived, without chunk framing. */
  readonly bodyBytes: number
  /** Reading stopped because the body exceeded its limit. */
  readonly tooLarge: boolean
}

/** Puts one answer together as it comes in. */
export interface AnswerReader {
  begin(head: Head): void
  /** Takes a piece of the body, which may be overwritten afterwards; false once there is more than is allowed. */
  add(piece: Buffer): boolean
  /** The head is there. */
  readonly begun: boolean
  readonly bodyBytes: number
  /** The answer, so far or whole; undefined before its head is. */
  answer(): Answer | undefined
}

export interface ReadLimits {
  readonly maxBodyBytes: number
  /** How much of the body is kept, by its head. */
  readonly keepBytes: (head: Head) => number
}

export function createAnswerReader({ maxBodyBytes, keepBytes }: ReadLimits): AnswerReader {
  let head: Head | undefined
  let kept: Collector | undefined
  const reader = { begun: false, bodyBytes: 0, begin, add, answer }

  function begin(given: Head): void {
    head = given
    kept = createCollector(keepBytes(given))
    reader.begun = true
  }

  function add(piece: Buffer): boolean {
    reader.bodyBytes += piece.length
    kept?.add(piece)
    return reader.bodyBytes <= maxBodyBytes
  }

  function answer(): Answer | undefined {
    if (!head || !kept) return undefined
    const { bodyBytes } = reader
    return new ReadAnswer(head, kept.whole(), bodyBytes, bodyBytes > maxBodyBytes)
  }

  return reader
}

/**
 * A head as undici gives it: names and values in turn. Most are never looked at, so they become text when they are.
 * Classes here, and no literals with getters: V8 makes each such literal a shape of its own and keeps it, and what its
 * getter sees, until the next full collection.
 */
class RawHead implements Head {
  readonly status: number
  readonly statusText: string
  readonly encoding: string
  readonly #raw: readonly Buffer[]
  #headers: readonly Header[] | undefined

  constructor(status: number, statusText: string, encoding: string, raw: readonly Buffer[]) {
    this.status = status
    this.statusText = statusText
    this.encoding = encoding
    this.#raw = raw
  }

  get headers(): readonly Header[] {
    this.#headers ??= headersOf(this.#raw)
    return this.#headers
  }
}

class ReadAnswer implements Answer {
  readonly status: number
  readonly statusText: string
  readonly encoding: string
  readonly body: Buffer
  readonly bodyBytes: number
  readonly tooLarge: boolean
  readonly #head: Head

  constructor(head: Head, body: Buffer, bodyBytes: number, tooLarge: boolean) {
    this.status = head.status
    this.statusText = head.statusText
    this.encoding = head.encoding
    this.body = body
    this.bodyBytes = bodyBytes
    this.tooLarge = tooLarge
    this.#head = head
  }

  get headers(): readonly Header[] {
    return this.#head.headers
  }
}

/** The head that undici read: `raw` has the names and values of its headers in turn. */
export const createHead = (
  status: number,
  statusText: string,
  encoding: string,
  raw: readonly Buffer[],
): Head => new RawHead(status, statusText, encoding, raw)

/**
 * The reason phrase of a status line. undici reads it as UTF-8 only; in an older encoding, as servers that speak
 * German or French still write it, it is read again from the piece in which it came.
 */
export function reasonPhrase(text: string, piece: Buffer | undefined): string {
  if (!text.includes('\ufffd')) return text
  const line = /^HTTP\/1\.\d [2-9]\d\d ([^\r\n]*)/m.exec(piece?.toString('latin1') ?? '')
  return line?.[1] ?? text
}

function headersOf(raw: readonly Buffer[]): Header[] {
  const headers: Header[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as Buffer).toString('latin1')
    // undici leaves the blanks that end a value.
    headers.push([name, (raw[index + 1] as Buffer).toString('latin1').trim()])
  }
  return headers
}
