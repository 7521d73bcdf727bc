import type { Kind } from './kinds.ts'
import type { Place, Remark } from './place.ts'
import { printable, quoted } from './printable.ts'
import { attributeOf, type XmlElement } from './xml_element.ts'

/** What an attribute amounts to after every default, and where that comes from. */
export interface Setting<T> {
  readonly value: T
  /** The attribute when one is written, else the element that it would stand in or belong to. */
  readonly place: Place
  /** Written on the thing itself, on the defaults for its kind, or nowhere: then it is what IIS's schema says. */
  readonly from: 'own' | 'defaults' | 'schema'
}

/** The elements that may hold an attribute: the last one that does counts, and own ones count before defaults. */
export interface Holders {
  readonly own: readonly XmlElement[]
  readonly defaults?: readonly XmlElement[]
  /** Stands for a setting that is written nowhere. */
  readonly place: Place
}

export interface SettingReader {
  <T>(holders: Holders, name: string, kind: Kind<T>, standard: T): Setting<T>
}

/** Reads settings; a value that cannot be read becomes a remark, and counts as not written. */
export function settingReader(remark: (remark: Remark) => void): SettingReader {
  // Defaults are read once for each that inherits from them, and are to be complained about once.
  const told = new Set<object>()
  return ({ own, defaults = [], place }, name, kind, standard) => {
    for (const [elements, from] of [
      [own, 'own'],
      [defaults, 'defaults'],
    ] as const)
      for (const element of elements.toReversed()) {
        const attribute = attributeOf(element, name)
        if (attribute === undefined) continue
        const value = kind.read(attribute.value)
        if (value !== undefined) return { value, place: attribute.place, from }
        if (told.has(attribute)) continue
        told.add(attribute)
        const message = `${printable(attribute.name)} is ${quoted(attribute.value)}; ${kind.right}`
        remark({ place: attribute.place, message })
      }
    return { value: standard, place: own.at(-1)?.place ?? place, from: 'schema' }
  }
}

/** Who says so, for a sentence: nothing when it is written on the thing itself. */
export function originText({ from }: Setting<unknown>): string {
  if (from === 'own') return ''
  return from === 'defaults' ? ', by the defaults of this server' : ", which is IIS's default"
}
