import type { Place } from '../../model/place.ts'
import type { Kind } from './kinds.ts'
import { printable, quoted, type Remark } from './remark.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** The value of an attribute in force, and where it comes from. */
export interface Setting<T> {
  readonly value: T
  /** The place of the attribute, or else of the element that it belongs to. */
  readonly place: Place
  /** Written on the thing itself, in the defaults for its kind, or nowhere: then it is the default of IIS's schema. */
  readonly from: 'own' | 'defaults' | 'schema'
  /** The elements and the attribute, as commands name them: `processModel.idleTimeout`. */
  readonly name: string
  readonly text: string
}

/** The elements with settings: the last one with an attribute wins, and `own` wins over `defaults`. */
interface Holders {
  readonly own: readonly XmlElement[]
  readonly defaults?: readonly XmlElement[]
  /** The place of a setting that is written nowhere. */
  readonly place: Place
}

/** Reads a setting by its name; `standard` is the default of IIS's schema. */
export type ReadSetting = <T>(name: string, kind: Kind<T>, standard: T) => Setting<T>

/** Returns a reader of the settings of elements. A value that cannot be read becomes a remark and counts as not written. */
export function settingReader(remark: (remark: Remark) => void): (holders: Holders) => ReadSetting {
  function readAttribute<T>(element: XmlElement, name: string, kind: Kind<T>) {
    const attribute = attributeOf(element, name)
    if (attribute === undefined) return undefined
    const value = kind.read(attribute.value)
    if (value !== undefined) return { value, place: attribute.place }
    const message = `${printable(attribute.name)} is ${quoted(attribute.value)}; ${kind.right}`
    remark({ place: attribute.place, message })
    return undefined
  }

  return ({ own, defaults = [], place }) =>
    (name, kind, standard) => {
      const path = name.split('.').slice(0, -1)
      const elements = { own: within(own, ...path), defaults: within(defaults, ...path) }
      for (const from of ['own', 'defaults'] as const)
        for (const element of elements[from].toReversed()) {
          const found = readAttribute(element, attributeName({ name }), kind)
          if (found !== undefined) return { ...found, from, name, text: kind.write(found.value) }
        }
      const nearest = elements.own.at(-1)?.place ?? place
      return { value: standard, place: nearest, from: 'schema', name, text: kind.write(standard) }
    }
}

/** The attribute of a setting, without the elements around it. */
export const attributeName = ({ name }: Pick<Setting<unknown>, 'name'>): string =>
  name.split('.').at(-1) ?? name

/** Where a value comes from, as the end of a sentence; empty when it is written on the thing itself. */
export function originText({ from }: Pick<Setting<unknown>, 'from'>): string {
  if (from === 'own') return ''
  return from === 'defaults' ? ', by the defaults of this server' : ", which is IIS's default"
}
