import { wholeFile } from '../../model/place.ts'
import { decodeText, type FileBytes, markedEncoding, readBoundedFile } from '../../runtime/bounded_file.ts'
import { asConfiguration, mistakenFile } from './as_configuration.ts'
import { type Parsed, parseXml } from './parse_xml.ts'
import { quoted } from './remark.ts'
import { attributeOf, isSame, textOf, within, type XmlAttribute, type XmlElement } from './xml_element.ts'

/** Reads the bytes of a file. Never rejects. */
export type ReadBytes = (path: string) => Promise<FileBytes>

/** The configuration of a server with thousands of sites has 5 MB; what is larger is something else. */
const mostBytes = 32 * 1024 * 1024

export const readBytes: ReadBytes = (path) => readBoundedFile(path, mostBytes)

const transformNamespace = 'http://schemas.microsoft.com/XML-Document-Transform'

/**
 * Reads an `applicationHost.config` or `web.config`, or a part of one. Files that are mistaken for
 * one, a transform or the pointer to a shared configuration, are refused by name.
 */
export async function readDocument(path: string, read: ReadBytes): Promise<Parsed> {
  const parsed = await readXml(path, read)
  if ('problem' in parsed) return parsed
  const root = asConfiguration(parsed.root)
  const refuse = (message: string, place = parsed.root.place): Parsed => ({ problem: { place, message } })
  if (typeof root === 'string') return refuse(root)
  const mistaken = mistakenFile(root)
  if (mistaken !== undefined) return refuse(`${mistaken}; name the applicationHost.config beside it`)
  const transform = transformIn(root)
  if (transform !== undefined)
    return refuse(
      'an XDT transform, which only says how another file is changed; name the file that it makes',
      transform.place,
    )
  const redirection = sharedConfiguration(root)
  if (redirection !== undefined)
    return refuse(
      `IIS does not keep its configuration here: it is shared, and lies in ${quoted(redirection.value)}; ` +
        'name the applicationHost.config in there',
      redirection.place,
    )
  return { root }
}

export async function readXml(path: string, read: ReadBytes): Promise<Parsed> {
  const result = await read(path)
  const decoded = 'bytes' in result ? decodeXml(result.bytes) : result
  if ('why' in decoded)
    return { problem: { place: wholeFile(path), message: `cannot be read: ${decoded.why}` } }
  return parseXml(decoded.text, path)
}

/**
 * Decodes UTF-8, UTF-16 with a byte order mark or without, and the one-byte encodings that an XML declaration can name.
 */
export const decodeXml = (bytes: Uint8Array): ReturnType<typeof decodeText> =>
  decodeText(bytes, encodingOf(bytes))

/** Encodings of one byte a character whose declaration is taken at its word. */
const declarable = /^(us-ascii|iso-8859-\d{1,2}|windows-125\d)$/

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  const marked = markedEncoding(bytes)
  if (marked !== undefined) return marked
  if (first === 0x3c && second === 0) return 'utf-16le'
  if (first === 0 && second === 0x3c) return 'utf-16be'
  const start = Buffer.from(bytes.subarray(0, 100)).toString('latin1')
  const [, declared] = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w-]+)["']/.exec(start) ?? []
  const name = declared?.toLowerCase() ?? 'utf-8'
  // A file without a byte order mark that declares UTF-16 was converted and its declaration forgotten.
  return declarable.test(name) ? name : 'utf-8'
}

/** Where `redirection.config` says that the configuration lies, when it is in force. */
export function sharedConfiguration(root: XmlElement): XmlAttribute | undefined {
  const [redirection] = within([root], 'configurationRedirection')
  return redirection && isSame(textOf(redirection, 'enabled'), 'true')
    ? attributeOf(redirection, 'path')
    : undefined
}

/** The first attribute that tells the transformer what to do; a namespace that nothing uses is harmless. */
function transformIn(root: XmlElement): XmlAttribute | undefined {
  const declared = [...root.attributes.values()].find(({ value }) => value === transformNamespace)
  const prefix = declared?.name.toLowerCase().replace(/^xmlns:/, '')
  if (prefix === undefined) return undefined
  for (const element of allElements(root))
    for (const [name, attribute] of element.attributes)
      if (isSame(name, `${prefix}:transform`) || isSame(name, `${prefix}:locator`)) return attribute
  return undefined
}

function* allElements(root: XmlElement): Generator<XmlElement> {
  yield root
  for (const child of root.children) yield* allElements(child)
}
