import sax from 'sax'
import { type Place, wholeFile } from '../../model/place.ts'
import { printable, type Remark } from './remark.ts'
import type { XmlAttribute, XmlElement } from './xml_element.ts'

export type Parsed = { readonly root: XmlElement } | { readonly problem: Remark }

/** Far above any real configuration; larger ones would exhaust the reader's memory. */
const most = { depth: 100, elements: 300_000, attributes: 1_000_000 } as const

/** The parser's messages, and clearer ones that replace them. */
const clearer: readonly (readonly [complaint: string, words: string])[] = [
  ['Unclosed root tag', 'the file ends before its root element is closed; it was cut short'],
  ['Unexpected end', 'the file ends in the middle of a tag, a comment or a text; it was cut short'],
  ['Unmatched closing tag', 'a closing tag that closes nothing; correct it or drop it'],
  ['Unexpected close tag', 'a closing tag that does not fit the element that is open'],
  [
    'Invalid character entity',
    'an entity that is not &amp; &lt; &gt; &quot; &apos; or a number; write one of these',
  ],
  ['Invalid character in entity name', 'an & that begins no entity; write &amp;'],
  ['Non-whitespace before first tag', 'not XML: an IIS configuration begins with <?xml or <configuration>'],
  ['Text data outside of root node', 'text after the end of the root element; drop it'],
  ['Unencoded <', 'a < in a value; write &lt;'],
  ['Attribute without value', 'an attribute without a value; write name="value"'],
  ['Unquoted attribute value', 'a value without quotes; write name="value"'],
  ['Max buffer length exceeded', 'a name or value of more than 64 KiB; no setting of IIS is that long'],
]

/** Only XML's own five entities are known; the parser's types do not list the option. */
const options: sax.SAXOptions & { strictEntities: boolean } = { position: true, strictEntities: true }

/** Ends the reading of a document at its first error. */
class Refusal extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * Reads an XML document into elements with their places. Document types are refused, and with them all entities but
 * XML's own five; nothing outside of the text is ever opened.
 */
export function parseXml(text: string, file: string): Parsed {
  const lineOf = lineTable(text)
  const placeAt = (offset: number): Place => ({ file, ...lineOf(Math.max(0, Math.min(offset, text.length))) })
  try {
    refuseControlCharacters(text)
    const root = build(text, placeAt)
    return root === undefined
      ? { problem: { place: wholeFile(file), message: 'there is no element in it; it is empty' } }
      : { root }
  } catch (error) {
    if (error instanceof Refusal) return { problem: { place: placeAt(error.offset), message: error.message } }
    throw error
  }
}

function refuseControlCharacters(text: string): void {
  // oxlint-disable-next-line no-control-regex -- these are what XML forbids, and what tells a binary file
  const offset = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/)
  if (offset >= 0)
    throw new Refusal('a control character that XML forbids; this is not a text of XML', offset)
}

interface OpenElement extends XmlElement {
  readonly attributes: Map<string, XmlAttribute>
  readonly children: XmlElement[]
}

function build(text: string, placeAt: (offset: number) => Place): XmlElement | undefined {
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let [elements, attributes] = [0, 0]
  const parser = sax.parser(true, options)
  const refuse = (message: string, offset = parser.startTagPosition - 1): never => {
    throw new Refusal(message, offset)
  }
  const handlers = {
    onerror: ({ message }: Error) => refuse(inClearWords(message), parser.position - 1),
    ondoctype: () =>
      refuse(
        'a document type (DOCTYPE): entities and DTDs are not read, and IIS writes none; drop it',
        text.search(/<!doctype/i),
      ),
    onopentagstart({ name }: { name: string }) {
      if (++elements > most.elements) refuse(`more than ${most.elements} elements; no IIS has that many`)
      if (open.length >= most.depth) refuse(`elements nested more than ${most.depth} deep; no IIS does that`)
      const place = placeAt(parser.startTagPosition - 1)
      const element: OpenElement = { name, place, attributes: new Map(), children: [] }
      open.at(-1)?.children.push(element)
      root ??= element
      open.push(element)
    },
    onattribute({ name, value }: { name: string; value: string }) {
      if (++attributes > most.attributes)
        refuse(`more than ${most.attributes} attributes; no IIS has that many`)
      const place = placeAt(startOfAttribute(text, parser.position, name))
      const known = open.at(-1)?.attributes
      known?.set(name, { name, value, place })
    },
    onclosetag: () => void open.pop(),
  }
  Object.assign(parser, handlers).write(text).close()
  return root
}

/** From the end of `name="value"` back to its beginning: a value cannot hold the quote that it stands in. */
function startOfAttribute(text: string, end: number, name: string): number {
  const quote = text.lastIndexOf(text[end - 1] ?? '"', end - 2)
  const start = text.lastIndexOf(name, quote)
  return start < 0 ? end - 1 : start
}

function inClearWords(message: string): string {
  const [complaint = ''] = message.split('\n')
  const [, words] = clearer.find(([start]) => complaint.startsWith(start)) ?? []
  return `not well-formed XML: ${words ?? printable(complaint)}`
}

/** Returns a function from offset to line and column, both from 1; lines end with CRLF, LF or a lone CR. */
function lineTable(text: string): (offset: number) => Pick<Place, 'line' | 'column'> {
  const starts = [0]
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
