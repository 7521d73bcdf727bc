/** Answers that are not quite HTTP/1.1, for fast-check: most of them nginx and HAProxy pass on. */
import * as fc from 'fast-check'

export interface OddAnswer {
  readonly bytes: Buffer
  /** Not as RFC 9112 has it: worth a remark. */
  readonly isOdd: boolean
  /** It contradicts itself in this way, which is dangerous. */
  readonly contradiction: RegExp | undefined
}

/** The content of each. */
export const content = 'Welcome to the farm'

/** A part of an answer, and what is to be thought of it. */
type Part<T = string> = readonly [part: T, isOdd?: boolean, contradiction?: RegExp]

const oneOf = <T>(...parts: readonly Part<T>[]) => fc.constantFrom(...parts)

/** As it should be, mostly. */
const mostly = <T>(usual: T, ...odd: readonly Part<T>[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<Part<T>>([usual]) }, { weight: 1, arbitrary: oneOf(...odd) })

const newline = mostly('\r\n', ['\n', true])
const interims = fc.array(
  oneOf(
    ['HTTP/1.1 100 Continue\r\n\r\n'],
    ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['HTTP/1.1 100 Continue\n\n', true],
  ),
  { maxLength: 3 },
)
const statusLine = mostly(
  'HTTP/1.1 200 OK',
  ['HTTP/1.0 200 OK'],
  ['HTTP/1.1 200'],
  ['HTTP/1.1 200 '],
  ['HTTP/1.1 200 Gr\xfcn'],
  ['HTTP/1.1  200 OK', true],
  ['HTTP/1.2 200 OK', true],
  ['HTTP/1.1 200 O\x01K', true],
)
const others = fc.array(
  mostly(
    'X: y',
    ['X:y'],
    ['X: \t y \t'],
    ['X: \xe4\xf6'],
    ['X:'],
    ['X: a\x01b', true],
    ['X: a\x7fb', true],
    ['X: \x1b[31m', true],
    ['X: a\x0cb', true],
  ),
  { maxLength: 4 },
)

const { length } = content
const byLength = mostly(
  [`Content-Length: ${length}`] as string[],
  [[`content-length:\t${length} \t`]],
  [[`Content-Length: 000${length}`]],
  [[`Content-Length: ${length}`, `CONTENT-LENGTH: ${length} `], true],
  [[`Content-Length: ${length}, ${length}`], true],
  [
    [`Content-Length: ${length}`, `Content-Length: ${length + 1}`],
    true,
    /its Content-Length is both "\d+" and "\d+"/,
  ],
  [[`Content-Length: ${length - 1}`], true, /more data follows its end/],
)
const chunked = mostly(
  ['Transfer-Encoding: chunked'] as string[],
  [['transfer-encoding:Chunked \t']],
  [[`Content-Length: ${length}`, 'Transfer-Encoding: chunked'], true],
  [['Transfer-Encoding: chunked', `Content-Length: ${length}`], true],
  [
    ['Transfer-Encoding: chunked', 'Content-Length: 7'],
    true,
    /its Content-Length is 7, and its chunks hold 19 bytes/,
  ],
)

const chunk = fc.record({
  size: fc.integer({ min: 1, max: 7 }),
  zeros: fc.constantFrom('', '', '00'),
  after: mostly('', [';a=b'], ['  ', true], ['\t', true], [' ;a=b', true]),
  newline,
  end: newline,
})
const trailers = mostly(
  '',
  ['X-Trailer: z\r\n'],
  ['X-Trailer: \x04\r\n', true],
  ['content-length: 5\r\n', true],
  ['Transfer-Encoding: gzip\r\n', true],
)

/** The content in chunks of the sizes wished, and what remains in one more. */
const chunks = fc
  .tuple(fc.array(chunk, { minLength: 1, maxLength: 5 }), chunk, trailers)
  .map(([wished, last, trailer]): Part => {
    const written = (text: string, { zeros, after, newline }: typeof last) =>
      `${zeros}${text.length.toString(16)}${after[0]}${newline[0]}${text}`
    let body = ''
    let rest = content
    for (const each of wished) {
      const text = rest.slice(0, each.size)
      if (text === '') break
      rest = rest.slice(each.size)
      body += written(text, each) + each.end[0]
    }
    if (rest !== '') body += written(rest, last) + last.end[0]
    const used = rest === '' ? wished : [...wished, last]
    const isOdd = used.some(({ after, newline, end }) => [after, newline, end].some(([, odd]) => odd))
    return [`${body}0\r\n${trailer[0]}\r\n`, isOdd || trailer[1] === true]
  })

const framed = fc.oneof(
  byLength.map((framing) => ({ framing, body: [content] as Part })),
  fc.record({ framing: chunked, body: chunks }),
  fc.constant({ framing: [[]] as Part<string[]>, body: [content] as Part }),
)

export const oddAnswers: fc.Arbitrary<OddAnswer> = fc
  .record({ interims, statusLine, others, framed, newline, first: fc.boolean() })
  .map(({ interims, statusLine, others, framed: { framing, body }, newline, first }) => {
    const plain = others.map(([line]) => line)
    const lines = first ? [...framing[0], ...plain] : [...plain, ...framing[0]]
    const head = [statusLine[0], ...lines, 'Connection: close', '', ''].join(newline[0])
    const parts: readonly Part<unknown>[] = [...interims, statusLine, ...others, framing, body, newline]
    return {
      bytes: Buffer.from(interims.map(([text]) => text).join('') + head + body[0], 'latin1'),
      isOdd: parts.some(([, isOdd]) => isOdd),
      contradiction: framing[2],
    }
  })

type Edit = readonly [kind: 'change' | 'remove' | 'add', at: number, byte: number]

/** The same with a byte or two changed, removed or added. */
export const damagedAnswers: fc.Arbitrary<Buffer> = fc
  .tuple(
    oddAnswers,
    fc.array(
      fc.tuple(
        fc.constantFrom('change', 'remove', 'add'),
        fc.nat(250),
        fc.oneof(fc.constantFrom(...Buffer.from('\r\n\t :,;0A')), fc.nat(255)),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([{ bytes }, edits]) => (edits as Edit[]).reduce(edited, bytes))

function edited(bytes: Buffer, [kind, place, byte]: Edit): Buffer {
  const at = place % bytes.length
  const put = kind === 'remove' ? [] : [byte]
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(put),
    bytes.subarray(kind === 'add' ? at : at + 1),
  ])
}
