/** The head of an answer: what balancers take in it, though it is not valid, is put right and remarked on. */
import { type Failure, failures, quoted } from '../failure.ts'
import type { Header } from './answer.ts'

/** What is wrong in answers that nginx, HAProxy and curl pass on all the same, so that users are served. */
const remarks = {
  statusLine: 'its status line is not written as it must be',
  bareLf: 'lines end without a carriage return',
  control: 'a header holds control characters',
  repeatedLength: 'its Content-Length is repeated',
  bothFramings: 'it has a Content-Length beside Transfer-Encoding: chunked',
  chunkBlanks: 'blanks follow the sizes of its chunks',
  trailer: 'a trailer says how long it is or how it is coded',
} as const

export type Remark = keyof typeof remarks

/** One sentence on what was passed over; undefined when nothing was. */
export function remarkOn(found: ReadonlySet<Remark>): string | undefined {
  if (found.size === 0) return undefined
  const words = Object.entries(remarks).flatMap(([one, text]) => (found.has(one as Remark) ? [text] : []))
  return `The answer is not valid HTTP/1.1, though most balancers take it: ${words.join('; ')}.`
}

export interface AnswerHead {
  /** Put right, with the empty line at its end. */
  readonly text: string
  readonly status: number
  /** The reason phrase as latin1. */
  readonly phrase: string
  readonly version: 1 | 1.1
  readonly chunked: boolean
  /** The Content-Length. */
  readonly length: number | undefined
}

/** The headers of a head, in order. */
export const headersIn = ({ text }: AnswerHead): Header[] =>
  text
    .split('\r\n')
    .slice(1, -2)
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), withoutBlanks(line.slice(colon + 1))]
    })

/** Nearly every head is all right, but for its framing. */
const wellFormed =
  /^HTTP\/1\.([01]) (?!101)([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n(?:[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n$/
const framing = /\n(?:content-length|transfer-encoding):[^\r]*/gi
const usualFraming = /^\n(?:content-length: ?(\d+)|transfer-encoding: ?chunked)$/i
/** Old IIS sends codes such as 403.1, which nginx passes on. */
const statusLine = /^HTTP\/(\d\.\d)( +)([1-9]\d\d)(?=[ \t.]|$) ?(.*)$/
export const field = /^[!#$%&'*+.^_`|~\w-]+:[^\0\r]*$/
/** All but the null, which nobody takes; heads are read byte by byte, and the C1 among them are parts of UTF-8. */
const control = /[^\P{Cc}\0\t\r\n\u0080-\u009f]/gu

/** Reads a head with the empty line at its end, as latin1, and adds to `found` what is wrong in it. */
export function readHead(raw: string, found: Set<Remark>): AnswerHead | Failure {
  const [, minor, usualCode, usualPhrase = ''] = wellFormed.exec(raw) ?? []
  const framings = raw.match(framing) ?? []
  const usual = usualFraming.exec(framings[0] ?? '')
  if (usualCode !== undefined && framings.length <= 1 && (framings.length === 0 || usual !== null))
    return {
      text: raw,
      status: Number(usualCode),
      phrase: usualPhrase,
      version: minor === '0' ? 1 : 1.1,
      chunked: usual !== null && usual[1] === undefined,
      length: usual?.[1] === undefined ? undefined : Number(usual[1]),
    }
  return mended(raw, found)
}

function mended(raw: string, found: Set<Remark>): AnswerHead | Failure {
  const clean = withoutControls(raw, found)
  const [first = '', ...lines] = clean.split(/\r?\n/).slice(0, -2)
  const [, version = '', blanks, code = '', phrase = ''] = statusLine.exec(first) ?? []
  if (code === '') return failures.protocol(`it begins with ${quoted(raw)}`)
  const bad = lines.find((line) => !field.test(line))
  if (bad !== undefined) return failures.protocol(headerProblem(bad))
  const names = lines.map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
  const valuesOf = (name: string) =>
    lines.flatMap((line, at) => (names[at] === name ? [withoutBlanks(line.slice(name.length + 1))] : []))
  const lengths = valuesOf('content-length').flatMap((value) => value.split(',').map(withoutBlanks))
  const [length] = lengths
  const other = lengths.find((each) => each !== length)
  if (length !== undefined && other !== undefined)
    return failures.protocol(`its Content-Length is both ${quoted(length)} and ${quoted(other)}`)
  if (length !== undefined && !/^\d+$/.test(length))
    return failures.protocol(`its Content-Length is ${quoted(length)}, no number`)
  const coding = valuesOf('transfer-encoding').join(', ')
  const chunked = coding.toLowerCase() === 'chunked'
  if (coding !== '' && !chunked)
    return failures.protocol(`its Transfer-Encoding is ${quoted(coding)}, not chunked`)
  if (code === '101') return failures.protocol('it switches to another protocol, which nobody asked for')
  const known = version === '1.0' ? 1 : 1.1
  const wrong: Readonly<Record<Exclude<Remark, 'chunkBlanks' | 'control' | 'trailer'>, boolean>> = {
    statusLine: (version !== '1.0' && version !== '1.1') || blanks !== ' ',
    bareLf: /[^\r]\n/.test(raw),
    repeatedLength: lengths.length > 1,
    bothFramings: chunked && length !== undefined,
  }
  for (const [remark, applies] of Object.entries(wrong)) if (applies) found.add(remark as Remark)
  // Of a length that is repeated the first is kept, and none beside chunks.
  const lengthAt = chunked ? -1 : names.indexOf('content-length')
  const kept = lines.flatMap((line, at) => {
    if (names[at] === 'transfer-encoding') return chunked ? [`${line.slice(0, 17)}: chunked`] : []
    if (names[at] !== 'content-length') return [line]
    return at === lengthAt ? [`${line.slice(0, 14)}: ${length}`] : []
  })
  return {
    text: [`HTTP/${known.toFixed(1)} ${code} ${phrase}`, ...kept, '', ''].join('\r\n'),
    status: Number(code),
    phrase,
    version: known,
    chunked,
    length: length === undefined ? undefined : Number(length),
  }
}

/** What is wrong with the line of a header; its value may be a secret. */
function headerProblem(line: string): string {
  const [name = ''] = line.split(':', 1)
  if (field.test(`${name}:`))
    return `its header ${quoted(name)} has no value, or a null or bare carriage return in it`
  return /^[ \t]/.test(line) ? 'a header goes on in the next line' : `${quoted(name)} is no name of a header`
}

/** The text with blanks for its control characters, which is remarked on. */
export function withoutControls(text: string, found: Set<Remark>): string {
  const clean = text.replaceAll(control, ' ')
  if (clean !== text) found.add('control')
  return clean
}

/** Blanks around a value are no part of it (RFC 9110, section 5.5). */
export function withoutBlanks(value: string): string {
  const isBlank = (at: number) => value[at] === ' ' || value[at] === '\t'
  let [from, to] = [0, value.length]
  while (from < to && isBlank(from)) from++
  while (to > from && isBlank(to - 1)) to--
  return value.slice(from, to)
}
