/** Secrets in texts of others: found in every spelling, whole, in part, and where a text ends in the middle of one. */
import { cutEscape, type Decoded, layersOf } from './decode_text.ts'
import { hidden } from './hide.ts'

/** A text, or its beginning of at most `most` characters, without the secrets. */
export type Conceal = (text: string, most: number) => string

/** Shorter ones occur by chance and would blot out the page. */
const minLength = 4

/** Every so many characters of a secret, a part of it this long is looked for: what shares more with it is found. */
const partLength = 16
const leastStep = 8

/** So much of its beginning gives it away where a text ends or was cut. */
const tellingStart = 6

/** Parts of a very long secret are further apart. */
const mostParts = 4096

/** More of a text is searched than is kept of it, as secrets in it are replaced by less. */
const searchedPerKept = 2

/** A text that is cut off in more places is not ours. */
const mostEnds = 20

interface Needle {
  readonly text: string
  readonly step: number
}

interface Part {
  readonly needle: Needle
  readonly at: number
}

/** The parts by their text, and marks that say without looking them up that most texts are none. */
interface Parts {
  readonly byText: Map<string, Part>
  readonly marks: Uint8Array
}

const markOf = (text: string, at: number) =>
  (text.charCodeAt(at) ^ (text.charCodeAt(at + 5) << 4) ^ (text.charCodeAt(at + 11) << 8)) & 0xf_ff

/** Conceals these secrets; without any it only cuts. */
export function concealing(secrets: readonly string[]): Conceal {
  const spelled = secrets.flatMap((secret) => [secret, Buffer.from(secret, 'utf8').toString('latin1')])
  const forms = spelled.flatMap((secret) => layersOf(secret).map(({ text }) => comparable(text)))
  const needles = [...new Set(forms)].filter(({ length }) => length >= minLength).map(needleOf)
  if (needles.length === 0) return (text, most) => text.slice(0, most)
  const parts = partsOf(needles)
  return (text, most) => {
    const searched = text.slice(0, most * searchedPerKept)
    const spans = layersOf(searched).flatMap((layer) => spansIn(layer, needles, parts))
    return replaced(searched, spans).slice(0, most)
  }
}

/** Forms write a blank as a plus sign, and some pages as one that does not break; names lose their capitals. */
const comparable = (text: string) => lower(text).replaceAll(/[+\u00a0]/g, ' ')

/** As long as before, which it would not be with some letters beyond ASCII. */
function lower(text: string): string {
  const all = text.toLowerCase()
  return all.length === text.length ? all : text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const needleOf = (text: string): Needle => ({
  text,
  step: Math.max(leastStep, Math.ceil(text.length / mostParts)),
})

/** What a text shares with a secret is found, wherever it stands, when it is this long. */
const tellingLength = ({ text, step }: Needle) => Math.min(text.length, partLength + step - 1)

function partsOf(needles: readonly Needle[]): Parts {
  const byText = new Map<string, Part>()
  const marks = new Uint8Array(0x10_00)
  for (const needle of needles) {
    const { text, step } = needle
    for (let at = 0; at + partLength <= text.length; at += step) {
      byText.set(text.slice(at, at + partLength), { needle, at })
      marks[markOf(text, at)] = 1
    }
  }
  return { byText, marks }
}

/** From where to where, in the text as it came. */
type Span = readonly [from: number, to: number]

const ends = new RegExp(`${cutEscape}?(?:…|$)`, 'gi')

function spansIn({ text, at }: Decoded, needles: readonly Needle[], { byText, marks }: Parts): Span[] {
  const spans: Span[] = []
  const add = (from: number, to: number) => spans.push([at?.[from] ?? from, at?.[to] ?? to])
  const searched = comparable(text)
  let done = 0
  for (let start = 0; start + partLength <= searched.length; start++) {
    if (marks[markOf(searched, start)] === 0) continue
    const part = byText.get(searched.slice(start, start + partLength))
    if (part === undefined) continue
    const [from, to] = extended(searched, start, part, done)
    add(from, to)
    done = to
    start = Math.max(start, to - partLength)
  }
  for (const { text: whole } of needles.filter(({ text: { length } }) => length < partLength + leastStep))
    for (let start = searched.indexOf(whole); start >= 0; start = searched.indexOf(whole, start + 1))
      add(start, start + whole.length)
  for (const { 0: tail, index } of [...searched.matchAll(ends)].slice(-mostEnds)) {
    const to = index + tail.length - (tail.endsWith('…') ? 1 : 0)
    for (const end of new Set([index, to]))
      for (const needle of needles) {
        const length = startLength(searched, end, needle)
        if (length > 0) add(end - length, to)
      }
  }
  return spans
}

/** How far a text and a secret agree around a part that they have in common; no further back than `least`. */
function extended(text: string, start: number, { needle: { text: secret }, at }: Part, least: number): Span {
  let before = 0
  while (at > before && start - before > least && text[start - before - 1] === secret[at - before - 1])
    before++
  let after = partLength
  while (at + after < secret.length && text[start + after] === secret[at + after]) after++
  return [start - before, start + after]
}

/** How many of the characters before `end` are the beginning of a secret; 0 when they are too few to tell. */
function startLength(text: string, end: number, needle: Needle): number {
  const { text: secret } = needle
  for (let length = Math.min(tellingLength(needle), end); length >= tellingStart; length--)
    if (text.endsWith(secret.slice(0, length), end)) return length
  return 0
}

function replaced(text: string, spans: readonly Span[]): string {
  let shown = ''
  let done = 0
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    if (from > done || (done === 0 && to > 0)) shown += text.slice(done, from) + hidden
    done = Math.max(done, to)
  }
  return shown + text.slice(done)
}
