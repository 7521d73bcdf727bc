/** Lists of mappings, mappings by name, and plain values in place of a mapping. */
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { isMapping } from '../yaml/tree.ts'
import { merge, type Part, refuse, settle } from './part.ts'

interface ListRules<W> {
  /** The name of an item; names must be unique in the list. */
  readonly nameOf?: (item: W) => string | undefined
  /** The end of the message for an empty list; without it, a list may be empty. */
  readonly empty?: string
}

/** A list of mappings. An item that is wrong is undefined, so that the others keep their indexes. */
export function list<W, S>(
  item: Part<W, S>,
  { nameOf, empty }: ListRules<W> = {},
): Part<readonly (W | undefined)[], readonly S[]> {
  const right = 'write a list, each entry beginning with "- "'
  return {
    kind: 'list of mappings',
    json: { type: 'array', items: item.json },
    right,
    ...(item.keys && { keys: item.keys }),
    read(raw, path, reading) {
      if (!Array.isArray(raw)) return refuse('not a list', right, path, reading)
      if (raw.length === 0 && empty !== undefined) reading.problem(path, `an empty list${empty}`)
      const items = raw.map((each, index) => item.read(each, [...path, index], reading))
      if (nameOf !== undefined) {
        const names = items.map((each) => each && nameOf(each))
        refuseSameNames(names, path, reading)
      }
      return items
    },
    settle: (written) => written.flatMap((each) => (each === undefined ? [] : [settle(item, each)])),
  }
}

/** Reports names that an earlier item of the list has. */
function refuseSameNames(names: readonly (string | undefined)[], path: Path, reading: Reading): void {
  const firstOf = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue
    const first = firstOf.get(name)
    if (first === undefined) firstOf.set(name, index)
    else {
      const at = [...path, index, 'name']
      const other = reading.tree.problem([...path, first], '')
      const where = other.file === reading.tree.problem(at, '').file ? '' : `${other.file}: `
      reading.problem(at, `a name used twice: ${JSON.stringify(name)}; ${where}${other.path} has it too`)
    }
  }
}

/** A mapping whose keys are names that its author chose. */
export function record<W>(item: Part<W, unknown>): Part<Readonly<Record<string, W>>> {
  const right = 'write keys with their values'
  return {
    kind: 'mapping',
    json: { type: 'object', additionalProperties: item.json },
    right,
    read(raw, path, reading) {
      if (!isMapping(raw)) return refuse('not a mapping', right, path, reading)
      const found = Object.entries(raw).map(([name, each]) => [
        name,
        item.read(each, [...path, name], reading),
      ])
      return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<string, W>
    },
  }
}

/** A mapping, or a plain value in place of it, such as `off`. */
export function either<A, W, S>(plain: Part<A>, section: Part<W, S>): Part<A | W, A | S> {
  const isSection = (read: A | W): read is W => isMapping(read)
  return {
    kind: `${plain.kind} or mapping`,
    json: { anyOf: [plain.json, section.json] },
    right: plain.right,
    ...(section.keys && { keys: section.keys }),
    read: (raw, path, reading) => (isMapping(raw) ? section : plain).read(raw, path, reading),
    merge: (base, over) => (isSection(base) && isSection(over) ? merge(section, base, over) : over),
    settle: (written) => (isSection(written) ? settle(section, written) : written),
  }
}
