import type { Place } from '../../model/place.ts'

/** An element of a configuration. */
export interface XmlElement {
  readonly name: string
  readonly place: Place
  /** By name: IIS knows attributes by their exact case only. */
  readonly attributes: ReadonlyMap<string, XmlAttribute>
  readonly children: readonly XmlElement[]
}

export interface XmlAttribute {
  readonly name: string
  readonly value: string
  readonly place: Place
}

/** Elements are found in any case, so that what stands in them is read; that IIS does not find them is told apart. */
export const isNamed = (element: XmlElement, name: string): boolean => isSame(element.name, name)

/** IIS compares the names of sites, pools and hosts without regard to case. */
export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

export const attributeOf = (element: XmlElement, name: string): XmlAttribute | undefined =>
  element.attributes.get(name)

/** The value of an attribute; empty when there is none. */
export const textOf = (element: XmlElement | undefined, name: string): string =>
  (element && attributeOf(element, name)?.value) ?? ''

/** Whatever stands at a path of element names below any of some elements, in the order of the file. */
export function within(elements: readonly XmlElement[], ...path: readonly string[]): XmlElement[] {
  return path.reduce<readonly XmlElement[]>(
    (found, name) => found.flatMap(({ children }) => children.filter((child) => isNamed(child, name))),
    elements,
  ) as XmlElement[]
}
