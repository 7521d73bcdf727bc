import { printable } from './remark.ts'
import { isNamed, type XmlElement } from './xml_element.ts'

/** The elements around a part of a configuration; of `add` it is not known what it adds, unless appcmd says so. */
const around: Readonly<Record<string, readonly string[]>> = {
  'system.applicationHost': [],
  applicationPools: ['system.applicationHost'],
  sites: ['system.applicationHost'],
  site: ['system.applicationHost', 'sites'],
  webFarms: [],
  webFarm: ['webFarms'],
  'system.webServer': [],
  location: [],
}

/**
 * A part of a configuration as a whole one: a section, or what `appcmd list … /config /xml` prints. A whole one stays as
 * it is; otherwise why it is none.
 */
export function asConfiguration(root: XmlElement): XmlElement | string {
  if (isNamed(root, 'configuration')) return root
  const parts = isNamed(root, 'appcmd') ? root.children.flatMap(partsOfAppcmd) : [root]
  const wrapped = parts.flatMap((part) => {
    const path = around[part.name]
    return path === undefined ? [] : [nested(path, part)]
  })
  if (wrapped.length > 0) return { ...root, name: 'configuration', attributes: new Map(), children: wrapped }
  return `the root element is <${printable(root.name)}>; a configuration of IIS begins with <configuration>`
}

/** `<APPPOOL …><add …/></APPPOOL>`, `<SITE …><site …/></SITE>`, `<CONFIG …><section …/></CONFIG>`. */
function partsOfAppcmd({ name, children, place }: XmlElement): XmlElement[] {
  if (!/^apppool$/i.test(name)) return [...children]
  return [{ name: 'applicationPools', place, attributes: new Map(), children }]
}

function nested([outer, ...inner]: readonly string[], part: XmlElement): XmlElement {
  if (outer === undefined) return part
  return { name: outer, place: part.place, attributes: new Map(), children: [nested(inner, part)] }
}

/** The name of a file of IIS that is mistaken for its configuration; undefined when it is none. */
export function mistakenFile(root: XmlElement): string | undefined {
  const has = (name: string) => root.children.some((child) => isNamed(child, name))
  if (has('moduleProviders') && !has('system.applicationHost'))
    return 'this is administration.config, the settings of IIS Manager'
  return undefined
}
