import { dirname, join } from 'node:path'
import { readXml } from './document.ts'
import type { Remark } from './place.ts'
import { printable, quoted } from './printable.ts'
import type { ReadBytes } from './read_bytes.ts'
import { attributeOf, isNamed, type XmlElement } from './xml_element.ts'

/** A configuration is hardly ever in more pieces; each costs a file to be opened. */
const mostFiles = 50

/** Puts in the sections that lie in files of their own (`configSource`); one that cannot be read is remarked on. */
export async function withSources(
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
