import { dirname, join } from 'node:path'
import { placeText } from '../../model/place.ts'
import { checkSchema } from '../schema/check_schema.ts'
import { type ReadBytes, readDocument, readXml, sharedConfiguration } from './document.ts'
import { type FindSection, sectionFinder } from './locations.ts'
import { printable, quoted, type Remark } from './remark.ts'
import { settingReader } from './setting.ts'
import { attributeOf, isNamed, type XmlElement } from './xml_element.ts'

/** An opened `applicationHost.config`, from which sections are read. */
export interface Server {
  readonly find: FindSection
  readonly settingsOf: ReturnType<typeof settingReader>
  /** Mistakes that do not keep the file from being read, one for each place; grows while it is read. */
  readonly remarks: readonly Remark[]
  readonly remark: (remark: Remark) => void
}

/** Opens a server's configuration, with the sections that lie in files of their own. Never rejects. */
export async function openServer(
  file: string,
  read: ReadBytes,
): Promise<{ readonly server: Server } | { readonly problem: Remark }> {
  const parsed = await readDocument(file, read)
  if ('problem' in parsed) return parsed
  const remarks: Remark[] = []
  const known = new Set<string>()
  const remark = (found: Remark) => {
    const place = placeText(found.place)
    if (!known.has(place)) remarks.push(found)
    known.add(place)
  }
  await remarkRedirection(file, read, remark)
  const root = await withSources(parsed.root, file, read, remark)
  checkSchema(root, remark)
  return { server: { find: sectionFinder(root), settingsOf: settingReader(remark), remarks, remark } }
}

/** A redirection beside the file means that IIS reads another one, and this is a leftover. */
async function remarkRedirection(file: string, read: ReadBytes, remark: (remark: Remark) => void) {
  const parsed = await readXml(join(dirname(file), 'redirection.config'), read)
  const shared = 'root' in parsed ? sharedConfiguration(parsed.root) : undefined
  if (shared === undefined) return
  const message =
    `IIS on this server reads the shared configuration in ${quoted(shared.value)}, not ${file}; ` +
    'name the file in there'
  remark({ place: shared.place, message, notInForce: true })
}

/** No real configuration has more pieces; each costs opening a file. */
const mostFiles = 50

/** Inserts the sections that lie in files of their own (`configSource`); one that cannot be read becomes a remark. */
async function withSources(
  root: XmlElement,
  file: string,
  read: ReadBytes,
  remark: (remark: Remark) => void,
): Promise<XmlElement> {
  let files = 0

  async function complete(element: XmlElement): Promise<XmlElement> {
    const source = attributeOf(element, 'configSource')
    if (source !== undefined) {
      const section = files++ < mostFiles ? await readSource(source.value, element) : 'too many such files'
      if (typeof section !== 'string') return section
      const message = `the section <${printable(element.name)}> lies in ${quoted(source.value)}: ${section}`
      remark({ place: source.place, message })
    }
    if (element.children.length === 0) return element
    const children: XmlElement[] = []
    for (const child of element.children) children.push(await complete(child))
    return { ...element, children }
  }

  async function readSource(name: string, element: XmlElement): Promise<XmlElement | string> {
    const steps = name.split(/[/\\]/)
    if (steps.some((step) => step === '..' || step === '' || /[:%\0]/.test(step)))
      return 'only files below the configuration are read; name the file by a relative path'
    const parsed = await readXml(join(dirname(file), ...steps), read)
    if ('problem' in parsed) return parsed.problem.message
    return isNamed(parsed.root, element.name)
      ? parsed.root
      : `its root element is <${printable(parsed.root.name)}>`
  }

  return hasSource(root) ? complete(root) : root
}

const hasSource = (element: XmlElement): boolean =>
  attributeOf(element, 'configSource') !== undefined || element.children.some(hasSource)
