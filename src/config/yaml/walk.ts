import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import { type Environment, substitute } from './environment.ts'
import type { Path } from './problem.ts'

/** Where a value stood in the text. */
export interface Place {
  readonly valueOffset: number
  readonly keyOffset: number
  /** The scalar as written, when it refers to the environment. */
  readonly written?: string
}

export interface Walked {
  readonly value: unknown
  /** By the JSON of the path. */
  readonly places: ReadonlyMap<string, Place>
  readonly mistakes: readonly { readonly offset: number; readonly path: Path; readonly message: string }[]
}

/** Ten thousand farms of ten targets have 360,000. */
const mostValues = 600_000
/** Aliases make a short text large, and following them takes longer; no honest configuration comes near this. */
const mostByAlias = 200_000
/** Nor does one nest so deep. */
const deepest = 50

/** What a file may do that ours may not. */
export interface Dialect {
  /** The key `<<` takes over the keys of other mappings that the mapping itself does not have. */
  readonly merge: boolean
}

/** Thrown to leave a walk that would not end; never leaves this file. */
class TooLarge extends Error {}

/**
 * Turns a document into plain values and remembers where each stood. With an environment, its references in scalars
 * are replaced: after parsing, so that no value from outside can change the structure.
 */
export function walkDocument(
  document: Document.Parsed,
  env: Environment | undefined,
  { merge }: Dialect = { merge: false },
): Walked {
  const places = new Map<string, Place>()
  const mistakes: Walked['mistakes'][number][] = []
  const wrong = (offset: number, path: Path, message: string) => mistakes.push({ offset, path, message })

  /** Aliases around what is visited, and what was visited within any so far. */
  let [aliases, byAlias] = [0, 0]

  function visit(node: Node | null | undefined, path: Path, keyOffset: number): unknown {
    const valueOffset = node?.range?.[0] ?? keyOffset
    if (places.size >= mostValues) throw new TooLarge(`more than ${mostValues} values; write fewer`)
    if (aliases > 0 && (byAlias += 1) > mostByAlias)
      throw new TooLarge(`more than ${mostByAlias} values, counting each use of an alias; write fewer`)
    if (path.length > deepest) throw new TooLarge(`nested more than ${deepest} levels deep`)
    places.set(JSON.stringify(path), { valueOffset, keyOffset })
    if (isAlias(node)) return visitAlias(node, path, keyOffset)
    if (isMap(node)) return visitMap(node, path)
    if (isSeq(node))
      return node.items.map((item, index) => visit(item as Node, [...path, index], offsetOf(item)))
    if (!isScalar(node)) return null
    return typeof node.value === 'string' ? replace(node.value, path, valueOffset, keyOffset) : node.value
  }

  function visitAlias(node: Node, path: Path, keyOffset: number): unknown {
    const target = isAlias(node) ? node.resolve(document) : undefined
    if (target !== undefined) {
      aliases += 1
      const value = visit(target, path, keyOffset)
      aliases -= 1
      return value
    }
    wrong(offsetOf(node), path, 'this alias has no anchor before it')
    return undefined
  }

  function visitMap(node: YAMLMap, path: Path): unknown {
    const result: Record<string, unknown> = Object.create(null)
    for (const pair of node.items as Pair<Node, Node>[]) {
      if (merge && isMergeKey(pair.key)) continue
      const offset = offsetOf(pair.key)
      const key = isScalar(pair.key) ? String(pair.key.value) : undefined
      if (key === undefined) wrong(offset, path, 'a key must be a word, not a list, a mapping or an alias')
      else if (Object.hasOwn(result, key)) wrong(offset, [...path, key], 'this key is given twice; keep one')
      else result[key] = visit(pair.value, [...path, key], offset)
    }
    if (merge) for (const pair of node.items as Pair<Node, Node>[]) takeOver(pair, path, result)
    return result
  }

  function takeOver(pair: Pair<Node, Node>, path: Path, result: Record<string, unknown>): void {
    if (!isMergeKey(pair.key)) return
    if (path.length > deepest) throw new TooLarge(`nested more than ${deepest} levels deep`)
    const offset = offsetOf(pair.key)
    for (const item of isSeq(pair.value) ? (pair.value.items as Node[]) : [pair.value]) {
      const source = isAlias(item) ? item.resolve(document) : item
      if (!isMap(source)) {
        wrong(offset, path, '`<<` takes over a mapping, or a list of mappings; write <<: *name')
        continue
      }
      // On its own, so that what it says is not taken for a second saying; places follow the values.
      const taken = visitMap(source, [...path, '<<']) as Record<string, unknown>
      for (const [key, value] of Object.entries(taken)) {
        if (Object.hasOwn(result, key)) continue
        result[key] = value
        movePlaces([...path, '<<', key], [...path, key], value)
      }
    }
  }

  function movePlaces(from: Path, to: Path, value: unknown): void {
    const place = places.get(JSON.stringify(from))
    if (place !== undefined) places.set(JSON.stringify(to), place)
    if (typeof value !== 'object' || value === null) return
    for (const step of Object.keys(value)) {
      const inner = Array.isArray(value) ? Number(step) : step
      movePlaces([...from, inner], [...to, inner], (value as Record<string, unknown>)[step])
    }
  }

  function replace(written: string, path: Path, valueOffset: number, keyOffset: number): string {
    if (env === undefined || !written.includes('$')) return written
    const { text, names, problems } = substitute(written, env)
    for (const problem of problems) wrong(valueOffset, path, problem)
    if (names.length > 0) places.set(JSON.stringify(path), { valueOffset, keyOffset, written })
    return text
  }

  try {
    return { value: visit(document.contents, [], 0), places, mistakes }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return { value: undefined, places, mistakes: [{ offset: 0, path: [], message: error.message }] }
  }
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.value === '<<'

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0
