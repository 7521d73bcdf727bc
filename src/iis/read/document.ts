import { decodeXml } from './decode_xml.ts'
import { type Parsed, parseXml } from './parse_xml.ts'
import { wholeFile } from './place.ts'
import { printable, quoted } from './printable.ts'
import type { ReadBytes } from './read_bytes.ts'
import { attributeOf, isNamed, within, type XmlAttribute, type XmlElement } from './xml_element.ts'

const transformNamespace = 'http://schemas.microsoft.com/XML-Document-Transform'

/**
 * Reads an `applicationHost.config` or `web.config`: XML whose root is `<configuration>`. What is another kind of file
 * is told by name: a transform, or the pointer to a shared configuration.
 */
export async function readDocument(path: string, read: ReadBytes): Promise<Parsed> {
  const parsed = await readXml(path, read)
  if ('problem' in parsed) return parsed
  const { root } = parsed
  const refuse = (message: string, place = root.place): Parsed => ({ problem: { place, message } })
  if (!isNamed(root, 'configuration'))
    return refuse(
      `the root element is <${printable(root.name)}>; a configuration of IIS begins with <configuration>`,
    )
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
  return parsed
}

/** Reads any XML document. */
export async function readXml(path: string, read: ReadBytes): Promise<Parsed> {
  const result = await read(path)
  const decoded = 'bytes' in result ? decodeXml(result.bytes) : result
  if ('why' in decoded)
    return { problem: { place: wholeFile(path), message: `cannot be read: ${decoded.why}` } }
  return parseXml(decoded.text, path)
}

/** Where `redirection.config` says that the configuration lies, when it is in force. */
export function sharedConfiguration(root: XmlElement): XmlAttribute | undefined {
  const [redirection] = within([root], 'configurationRedirection')
  if (redirection === undefined) return undefined
  const isEnabled = attributeOf(redirection, 'enabled')?.value.toLowerCase() === 'true'
  return isEnabled ? attributeOf(redirection, 'path') : undefined
}

/** The first attribute that tells the transformer what to do; a namespace that nothing uses is harmless. */
function transformIn(root: XmlElement): XmlAttribute | undefined {
  const declared = [...root.attributes.values()].find(({ value }) => value === transformNamespace)
  const prefix = declared?.name.toLowerCase().replace(/^xmlns:/, '')
  if (prefix === undefined) return undefined
  for (const element of allElements(root))
    for (const [name, attribute] of element.attributes)
      if (name === `${prefix}:transform` || name === `${prefix}:locator`) return attribute
  return undefined
}

function* allElements(root: XmlElement): Generator<XmlElement> {
  yield root
  for (const child of root.children) yield* allElements(child)
}
