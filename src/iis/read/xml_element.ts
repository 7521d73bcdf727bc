import type { Place } from './place.ts'

/** An element of a configuration. Names are compared without regard to case, as IIS's own documents do not agree on it. */
export interface XmlElement {
  /** As written. */
  readonly name: string
  readonly place: Place
  /** By lower-case name. */
  readonly attributes: ReadonlyMap<string, XmlAttribute>
  readonly children: readonly XmlElement[]
}

export interface XmlAttribute {
  readonly name: string
  readonly value: string
  readonly place: Place
}

/** Is this the name of the element? */
export const isNamed = (element: XmlElement, name: string): boolean =>
  element.name.toLowerCase() === name.toLowerCase()

export const attributeOf = (element: XmlElement, name: string): XmlAttribute | undefined =>
  element.attributes.get(name.toLowerCase())

/** Whatever stands at a path of element names below any of some elements, in the order of the file. */
export function within(elements: readonly XmlElement[], ...path: readonly string[]): XmlElement[] {
  return path.reduce<readonly XmlElement[]>(
    (found, name) => found.flatMap(({ children }) => children.filter((child) => isNamed(child, name))),
    elements,
  ) as XmlElement[]
}
