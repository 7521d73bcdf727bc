/** Events in XML as Windows writes them, of any number: a saved log, or `ForEach-Object ToXml`, which has no root element. */
import sax from 'sax'
import { ownText, readable } from './log_lines.ts'

export interface XmlEvent {
  readonly line: number
  readonly provider: string
  readonly id: number
  readonly atMs: number
  readonly computer: string
  /** Its data by their names; `''` is what has none. */
  readonly data: Readonly<Record<string, string>>
  /** Of a trace of requests: `ARR_SERVER_ROUTED`. */
  readonly opcode: string
}

type Attributes = Readonly<Record<string, string>>

/** A name or a value of more has no meaning here. */
const mostText = 16 * 1024

/**
 * Takes blocks of bytes and hands on each event, and the attributes of a `failedRequest`. Document types, and with them
 * entities other than XML's own, are refused.
 */
export function createXmlEvents(take: (event: XmlEvent) => void, takeTrace?: (trace: Attributes) => void) {
  const options: sax.SAXOptions & { strictEntities: boolean } = { position: true, strictEntities: true }
  const parser = sax.parser(true, options)
  let event: ({ -readonly [K in keyof XmlEvent]: XmlEvent[K] } & { data: Record<string, string> }) | undefined
  let [name, text] = ['', '']
  Object.assign(parser, {
    onerror: ({ message }: Error) => {
      throw new Error(`not well-formed XML: ${message.split('\n')[0]} in line ${parser.line + 1}`)
    },
    ondoctype: () => {
      throw new Error('a document type (DOCTYPE): Windows writes none')
    },
    onopentag({ name: tag, attributes }: { name: string; attributes: Attributes }) {
      text = ''
      if (tag === 'failedRequest') takeTrace?.(attributes)
      if (tag === 'Event')
        event = {
          line: parser.line + 1,
          provider: '',
          id: 0,
          atMs: Number.NaN,
          computer: '',
          data: {},
          opcode: '',
        }
      if (event === undefined) return
      if (tag === 'Provider') event.provider = attributes['Name'] ?? ''
      if (tag === 'TimeCreated') event.atMs = Date.parse(attributes['SystemTime'] ?? '')
      if (tag === 'Data') name = attributes['Name'] ?? ''
    },
    ontext(more: string) {
      text = (text + more).slice(0, mostText)
    },
    onclosetag(tag: string) {
      if (event === undefined) return
      const value = text.trim()
      if (tag === 'EventID') event.id = Number(value)
      if (tag === 'Computer') event.computer = value
      if (tag === 'Opcode' && value !== '') event.opcode = value
      if (tag === 'Data') event.data[name] = value
      if (tag !== 'Event') return
      take(event)
      event = undefined
    },
  })
  parser.write('<all>')
  return {
    /** A line of the file; its own declaration and root element are parts of ours. */
    line: (block: string, from: number, to: number) =>
      void parser.write(
        `${readable(ownText(block.slice(from, to))).replace(/^\ufeff?<\?xml[^>]*\?>/, '')}\n`,
      ),
    end: () => void parser.write('</all>').close(),
  }
}
