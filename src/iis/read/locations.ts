import { attributeOf, isNamed, within, type XmlElement } from './xml_element.ts'

/** One configuration file and the location of its site or application; '' for the server's own. */
export interface Layer {
  readonly root: XmlElement
  readonly at: string
}

/**
 * Finds every element of a section that applies at a location such as `Site/app`, the outermost first. Of two that set
 * the same attribute, the last one wins.
 */
export type FindSection = (
  section: string,
  location: string,
  layers?: readonly Layer[],
) => readonly XmlElement[]

/** Looks sections up in the server's configuration, its location tags, and the web.config files of `layers`. */
export function sectionFinder(server: XmlElement): FindSection {
  const known = new Map<XmlElement, Containers>()
  const containersOf = ({ root, at }: Layer): Containers => {
    const containers = known.get(root) ?? indexed(root, at)
    known.set(root, containers)
    return containers
  }
  return (section, location, layers = []) => {
    const wanted = prefixesOf(location)
    const found = [{ root: server, at: '' }, ...layers]
      .flatMap((layer) =>
        wanted.map((prefix) => containersOf(layer)(prefix, section, prefix !== wanted.at(-1))),
      )
      .filter(({ length }) => length > 0)
    // A section of one place only is the same list for every location, so that results for it can be cached.
    return found.length === 1 ? (found[0] ?? []) : found.flat()
  }
}

/** The elements of a section in one file that stand at exactly one location; `isInherited` for an application below it. */
type Containers = (location: string, section: string, isInherited: boolean) => readonly XmlElement[]

/** A server can have thousands of location tags and applications: searches are cached. */
function indexed(root: XmlElement, at: string): Containers {
  const [locations, others] = [true, false].map((wanted) =>
    root.children.filter((child) => isNamed(child, 'location') === wanted),
  )
  const byLocation = new Map<string, XmlElement[]>([[normalized(at), [{ ...root, children: others ?? [] }]]])
  for (const location of locations ?? []) {
    const path = normalized(`${at}/${attributeOf(location, 'path')?.value ?? ''}`)
    const known = byLocation.get(path)
    if (known === undefined) byLocation.set(path, [location])
    else known.push(location)
  }
  const found = new Map<string, readonly XmlElement[]>()
  return (location, section, isInherited) => {
    const all = byLocation.get(location)
    if (all === undefined) return []
    const staysHere = isInherited && all.some(isForItsOwn)
    const key = `${section} ${location} ${staysHere}`
    const containers = staysHere ? all.filter((each) => !isForItsOwn(each)) : all
    const elements = found.get(key) ?? within(containers, ...section.split('/'))
    found.set(key, elements)
    return elements
  }
}

/** Published ASP.NET Core applications keep their settings from applications below them so. */
const isForItsOwn = (location: XmlElement) =>
  attributeOf(location, 'inheritInChildApplications')?.value.toLowerCase() === 'false'

/** `Site/app/` and `site/app` are one place, and so are the empty path and a lone dot. */
const normalized = (path: string): string =>
  path
    .toLowerCase()
    .split(/[/\\]/)
    .filter((step) => step !== '' && step !== '.')
    .join('/')

/** '', `site`, `site/app`: every location whose settings reach the given one. */
function prefixesOf(location: string): string[] {
  const steps = normalized(location)
    .split('/')
    .filter((step) => step !== '')
  return ['', ...steps.map((_step, index) => steps.slice(0, index + 1).join('/'))]
}

/** The items of a collection after all `add`, `remove` and `clear` of its sections. */
export const collected = remembered(
  (sections: readonly XmlElement[], { add = 'add', key }: Collection): readonly XmlElement[] => {
    const items = new Set<XmlElement>()
    const byKey = new Map<string | undefined, XmlElement[]>()
    for (const element of sections.flatMap(({ children }) => children)) {
      const itsKey = attributeOf(element, key)?.value.toLowerCase()
      if (isNamed(element, add)) {
        items.add(element)
        const others = byKey.get(itsKey)
        if (others === undefined) byKey.set(itsKey, [element])
        else others.push(element)
      } else if (isNamed(element, 'clear')) items.clear()
      else if (isNamed(element, 'remove')) {
        for (const removed of byKey.get(itsKey) ?? []) items.delete(removed)
        byKey.delete(itsKey)
      }
    }
    return [...items]
  },
)

interface Collection {
  readonly add?: string
  readonly key: string
}

/** Caches by the list of sections: the same list always means the same collection, thousands of times. */
function remembered(
  collect: (sections: readonly XmlElement[], collection: Collection) => readonly XmlElement[],
): typeof collect {
  const known = new WeakMap<readonly XmlElement[], readonly XmlElement[]>()
  return (sections, collection) => {
    const items = known.get(sections) ?? collect(sections, collection)
    known.set(sections, items)
    return items
  }
}
