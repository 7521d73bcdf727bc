import type { FindSection, Layer } from './locations.ts'
import type { XmlElement } from './xml_element.ts'

/** Where a change has to be made to reach an element: commands name a location and a file. */
export interface Where {
  /** `Site/app`, or '' for the server. */
  readonly location: string
  /** In the server's own configuration, where it may stand in a location tag; else in the web.config of the location. */
  readonly inServerFile: boolean
}

/** Where an element of a section that reaches an application stands. */
export function whereOf(
  element: XmlElement,
  section: string,
  {
    id,
    layers,
    find,
  }: { readonly id: string; readonly layers: readonly Layer[]; readonly find: FindSection },
): Where {
  const steps = id.split('/').filter((step) => step !== '')
  const locations = ['', ...steps.map((_step, index) => steps.slice(0, index + 1).join('/'))]
  const isThere = (location: string) =>
    find(section, location, layers).some((each) => each === element || each.children.includes(element))
  return {
    location: locations.find(isThere) ?? steps.join('/'),
    inServerFile: !layers.some(({ root }) => root.place.file === element.place.file),
  }
}
