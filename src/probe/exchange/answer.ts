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

export interface ReadLimits {
  readonly maxBodyBytes: number
  /** How much of the body is kept, by the head of its answer. */
  readonly keepBytes: (head: Pick<Answer, 'encoding'>) => number
}

/** An answer, whole or as far as it has come. */
export type Answer = Readonly<Omit<ReceivedAnswer, 'begin' | 'add'>>

/** The status line and the headers; these are read only when asked for, as most never are. */
type Head = Pick<Answer, 'status' | 'statusText' | 'version' | 'encoding' | 'headOnly'> & {
  readonly headers: () => readonly Header[]
}

const nothing = Buffer.alloc(0)

/** An answer that is being received. A class: V8 keeps the shape of each literal that has a getter. */
export class ReceivedAnswer {
  /** 0 before the head is there. */
  status = 0
  statusText = ''
  /** 1, 1.1 or 2. */
  version = 0
  /** The Content-Encoding; empty for none. */
  encoding = ''
  /** The end of the answer came with its head, as HTTP/2 can say it. */
  headOnly = false
  /** The body bytes that arrived, without chunk framing. */
  bodyBytes = 0
  /** What is wrong in it and was passed over, in one sentence; undefined when nothing is. */
  remark: string | undefined
  readonly #limits: ReadLimits
  #readHeaders: Head['headers'] = () => []
  #headers: readonly Header[] | undefined
  /** One growing buffer, however many tiny pieces the body comes in. */
  #kept = nothing
  #keptBytes = 0
  #keepBytes = 0

  constructor(limits: ReadLimits) {
    this.#limits = limits
  }

  /** Takes the head of the final answer. */
  begin(head: Head): void {
    this.status = head.status
    this.statusText = head.statusText
    this.version = head.version
    this.encoding = head.encoding
    this.headOnly = head.headOnly
    this.#readHeaders = head.headers
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

  get begun(): boolean {
    return this.status !== 0
  }

  /** Reading stopped because the body exceeds its limit. */
  get tooLarge(): boolean {
    return this.bodyBytes > this.#limits.maxBodyBytes
  }

  /** Still encoded; cut off where no more is wanted. */
  get body(): Buffer {
    return this.#kept.subarray(0, this.#keptBytes)
  }

  /** Read byte by byte, as latin1. */
  get headers(): readonly Header[] {
    this.#headers ??= this.#readHeaders()
    return this.#headers
  }
}
