/** Names, places and values that IIS refuses: it is strict, and drops a whole section for one of them. */
import { closest, distance } from 'fastest-levenshtein'
import { count, flag, type Kind, timeSpan } from '../read/kinds.ts'
import { printable, quoted, type Remark } from '../read/remark.ts'
import { isSame, type XmlAttribute, type XmlElement } from '../read/xml_element.ts'
import { type ElementSchema, knownSections, type ValueKind } from './known_sections.ts'

/** Remarks on what IIS would refuse in a configuration, section by section. */
export function checkSchema(root: XmlElement, remark: (remark: Remark) => void): void {
  checkChildren(root, knownSections, undefined, remark)
}

/** A section, which IIS refuses as a whole, or an element in it. */
interface Section {
  readonly name: string
  readonly schema: ElementSchema
}

function checkChildren(
  element: XmlElement,
  schema: ElementSchema,
  within: Section | undefined,
  remark: (remark: Remark) => void,
): void {
  for (const child of element.children) {
    const [name, known] = Object.entries(schema.children).find(([each]) => isSame(each, child.name)) ?? []
    if (name !== undefined && known !== undefined) {
      if (name !== child.name)
        remark({ place: child.place, message: `${wrongCase(child.name, name)}${refused(within)}` })
      const section = within ?? (known.open ? undefined : { name, schema: known })
      if (section !== undefined) checkAttributes(child, known, section, remark)
      checkChildren(child, known, section, remark)
    } else if (within !== undefined && schema.open === undefined)
      checkUnknownElement(child, element, schema, within, remark)
  }
}

/** Other products extend these sections by elements of their own: only what is misspelt or misplaced is told. */
function checkUnknownElement(
  child: XmlElement,
  parent: XmlElement,
  { children }: ElementSchema,
  section: Section,
  remark: (remark: Remark) => void,
): void {
  const [owner] = ownersOf(section, ({ children }) => Object.hasOwn(children, child.name))
  const near = nearest(child.name, Object.keys(children))
  if (/^(?:clear|remove)$/i.test(child.name) || (owner === undefined && near === undefined)) return
  const cure = owner === undefined ? `write ${near}` : `it belongs in ${owner.name} there`
  const message = `${printable(child.name)} directly in ${parent.name}; ${cure}${refused(section)}`
  remark({ place: child.place, message })
  const known = owner?.schema.children[child.name]
  if (known !== undefined) checkAttributes(child, known, section, remark)
}

/** Attributes of the configuration system itself. */
const universal = /^(?:xmlns|lock|config(?:Source|ProtectionProvider)$)|:/

/** Mistakes of guides that have a cure of their own. */
const cures: Readonly<Record<string, string>> = {
  port: 'write <applicationRequestRouting httpPort="…" /> inside the server',
}

function checkAttributes(
  element: XmlElement,
  { attributes }: ElementSchema,
  section: Section,
  remark: (remark: Remark) => void,
): void {
  for (const attribute of element.attributes.values()) {
    const { name, place } = attribute
    const kind = attributes.get(name)
    if (kind !== undefined) {
      const right = rightValue(attribute, kind)
      if (right !== undefined)
        remark({ place, message: `${printable(name)} is ${quoted(attribute.value)}; ${right}` })
    } else if (!universal.test(name))
      remark({ place, message: `${unknownAttribute(element, name, attributes, section)}${refused(section)}` })
  }
}

function unknownAttribute(
  element: XmlElement,
  name: string,
  attributes: ElementSchema['attributes'],
  section: Section,
): string {
  const known = [...attributes.keys()]
  const sameName = known.find((each) => isSame(each, name))
  if (sameName !== undefined) return wrongCase(name, sameName)
  const unknown = `${printable(name)} on ${element.name} is unknown to IIS`
  const cure = element.name === 'server' ? cures[name] : undefined
  const owners = ownersOf(section, (schema) => schema.attributes.has(name))
    .map((owner) => owner.name)
    .filter((each) => each !== element.name)
  if (cure !== undefined) return `${unknown}; ${cure}`
  if (owners.length > 0) return `${unknown}; it belongs on ${[...new Set(owners)].slice(0, 3).join(' or ')}`
  const near = nearest(name, known)
  return near === undefined ? unknown : `${unknown}; write ${near}`
}

const wrongCase = (written: string, right: string) =>
  `${printable(written)} is unknown to IIS, whose names are case-sensitive; write ${right}`

const refused = (section: Section | undefined) =>
  section === undefined ? '' : `. IIS refuses the section ${section.name}`

function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const best = closest(name, known)
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(1, Math.floor(name.length / 5))
    ? best
    : undefined
}

/** The elements of a section that fit. */
function ownersOf(section: Section, fits: (schema: ElementSchema) => boolean): Section[] {
  const below = Object.entries(section.schema.children).flatMap(([name, schema]) =>
    ownersOf({ name, schema }, fits),
  )
  return [...(fits(section.schema) ? [section] : []), ...below]
}

/** What would be right in place of a value that IIS refuses; undefined when it takes the value. */
function rightValue({ value }: XmlAttribute, kind: ValueKind): string | undefined {
  if (kind === '') return undefined
  if (kind === 'bool') return wrongFor(flag, value)
  if (kind === 'uint') return wrongFor(count, value)
  if (kind === 'time') return wrongFor(timeSpan, value)
  const [, low = '', high = '', step] = /^(\d+)s?-(\d+)s?(?:\/(\d+))?$/.exec(kind) ?? []
  if (low === '') return wrongWord(kind, value)
  return step === undefined ? wrongNumber(+low, +high, value) : wrongTime(+low, +high, +step, value)
}

const wrongFor = ({ read, right }: Pick<Kind<unknown>, 'read' | 'right'>, value: string) =>
  read(value) === undefined ? right : undefined

function wrongNumber(low: number, high: number, value: string): string | undefined {
  const number = count.read(value)
  if (number !== undefined && number >= low && number <= high) return undefined
  return `write a whole number from ${low} to ${high}`
}

function wrongTime(low: number, high: number, step: number, value: string): string | undefined {
  const ms = timeSpan.read(value)
  const [seconds, shown] = [(ms ?? 0) / 1000, (each: number) => timeSpan.write(each * 1000)]
  if (ms === undefined) {
    const days = /^\d+$/.test(value.trim()) ? `; a lone ${value.trim()} would be days` : ''
    return `${timeSpan.right}${days}`
  }
  if (seconds < low || seconds > high) return `write a time from ${shown(low)} to ${shown(high)}`
  return seconds % step === 0 ? undefined : 'write whole minutes: IIS refuses seconds here'
}

function wrongWord(kind: ValueKind, value: string): string | undefined {
  const isList = kind.startsWith('+')
  const words = kind.replace('+', '').split('|')
  const written = isList ? value.split(',').map((word) => word.trim()) : [value.trim()]
  const wrong = written.filter((word) => !words.includes(word) && !(isList && isNoFlag(word)))
  if (wrong.length === 0) return undefined
  const meant = wrong.map((word) => words.find((each) => isSame(each, word)))
  if (meant.every((word) => word !== undefined))
    return `its words are case-sensitive; write ${meant.join(', ')}`
  return isList ? `write any of ${words.join(', ')}` : `write ${words.join(' or ')}`
}

/** IIS also takes flags as their number. */
const isNoFlag = (word: string) => word === '' || /^\d+$/.test(word)
