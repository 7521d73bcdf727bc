/** What a target answers, put together as it comes in. */

/** All status lines and headers of an answer, 1xx included: endless headers end here. Bytes. */
export const maxHeadBytes = 65_536

export type Header = readonly [name: string, value: string]

/** The values of a header, in order, whatever the case of its name. */
export function valuesOf(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase()
  const values: string[] = []
  for (const [key, value] of headers)
    if (key.length === wanted.length && key.toLowerCase() === wanted) values.push(value)
  return values
}

/** A header value as text: values are read byte by byte, and those that are not ASCII are UTF-8 in practice. */
export const utf8Of = (value: string): string => Buffer.from(value, 'latin1').toString('utf8')

/** An answer, whole or as far as it has come. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  /** 1, 1.1 or 2. */
  readonly version: number
  /** Read byte by byte, as latin1. */
  readonly headers: readonly Header[]
  /** The Content-Encoding; empty for none. */
  readonly encoding: string
  /** The end of the answer came with its head, as HTTP/2 can say it. */
  readonly headOnly: boolean
  /** Still encoded; cut off where no more is wanted. */
  readonly body: Buffer
  /** The body bytes that arrived, without chunk framing. */
  readonly bodyBytes: number
  /** Reading stopped because the body exceeds its limit. */
  readonly tooLarge: boolean
}

export interface ReadLimits {
  readonly maxBodyBytes: number
  /** How much of the body is kept, by the head of its answer. */
  readonly keepBytes: (head: Pick<Answer, 'encoding'>) => number
}

/** The status line and the headers, as the parser gives them. */
interface RawHead {
  readonly status: number
  readonly statusText: string
  readonly version: number
  readonly encoding: string
  readonly headOnly: boolean
  /** Names and values in turn. */
  readonly rawHeaders: readonly (Buffer | string)[]
}

const nothing = Buffer.alloc(0)

/** An answer that is being received. A class: V8 keeps the shape of each literal that has a getter. */
export class ReceivedAnswer implements Answer {
  status = 0
  statusText = ''
  version = 0
  encoding = ''
  headOnly = false
  bodyBytes = 0
  readonly #limits: ReadLimits
  #rawHeaders: readonly (Buffer | string)[] = []
  #headers: readonly Header[] | undefined
  /** One growing buffer, however many tiny pieces the body comes in. */
  #kept = nothing
  #keptBytes = 0
  #keepBytes = 0

  constructor(limits: ReadLimits) {
    this.#limits = limits
  }

  /** Takes the head of the final answer. */
  begin(head: RawHead): void {
    this.status = head.status
    this.statusText = head.statusText
    this.version = head.version
    this.encoding = head.encoding
    this.headOnly = head.headOnly
    this.#rawHeaders = head.rawHeaders
    this.#keepBytes = this.#limits.keepBytes(head)
  }

  /** Takes a piece of the body, which may be overwritten afterwards; false once there is more than is allowed. */
  add(piece: Buffer): boolean {
    this.bodyBytes += piece.length
    const wanted = Math.min(this.#keepBytes, this.#keptBytes + piece.length)
    if (wanted > this.#kept.length) {
      const size = this.#keptBytes === 0 ? wanted : Math.min(this.#keepBytes, wanted * 2)
      const larger = Buffer.allocUnsafe(size)
      this.#kept.copy(larger, 0, 0, this.#keptBytes)
      this.#kept = larger
    }
    this.#keptBytes += piece.copy(this.#kept, this.#keptBytes, 0, wanted - this.#keptBytes)
    return !this.tooLarge
  }

  /** Its head is there. */
  get begun(): boolean {
    return this.status !== 0
  }

  get tooLarge(): boolean {
    return this.bodyBytes > this.#limits.maxBodyBytes
  }

  get body(): Buffer {
    return this.#kept.subarray(0, this.#keptBytes)
  }

  /** Most headers are never looked at, so they become text when they are. */
  get headers(): readonly Header[] {
    this.#headers ??= headersOf(this.#rawHeaders)
    return this.#headers
  }
}

function headersOf(raw: readonly (Buffer | string)[]): Header[] {
  const headers: Header[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = textOf(raw[index] as Buffer | string)
    // undici leaves the blanks that end a value.
    headers.push([name, textOf(raw[index + 1] as Buffer | string).trim()])
  }
  return headers
}

const textOf = (raw: Buffer | string): string => (typeof raw === 'string' ? raw : raw.toString('latin1'))
