import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import { type Environment, substitute } from './environment.ts'
import type { Path } from './problem.ts'

/** Where a value and its key stand in the text. */
export interface Offsets {
  readonly value: number
  readonly key: number
  /** The scalar as written, when it refers to the environment. */
  readonly written?: string
}

export interface Walked {
  readonly value: unknown
  /** By the JSON of the path. */
  readonly offsets: ReadonlyMap<string, Offsets>
  readonly mistakes: readonly { readonly offset: number; readonly path: Path; readonly message: string }[]
}

/** Aliases can make a short text huge; no real configuration comes near this. */
const mostByAlias = 200_000
/** No real configuration is nested so deep either. */
const deepest = 50

/** How a text is read. */
export interface Dialect {
  /** The key `<<` adds the keys of other mappings that the mapping itself does not have. */
  readonly merge: boolean
  /** More values than this are refused. */
  readonly mostValues: number
  /** What to do then. */
  readonly insteadOfMany?: string
}

export const tooManyValues = ({ mostValues, insteadOfMany = 'write fewer' }: Dialect) =>
  `more than ${mostValues} values; ${insteadOfMany}`

/** Thrown to end a walk that would take too long; never leaves this file. */
class TooLarge extends Error {}

/**
 * Turns a document into plain values and records where each stands. References to the environment in scalars are
 * replaced after parsing, so that no value from outside can change the structure.
 */
export function walkDocument(
  document: Document.Parsed,
  env: Environment | undefined,
  dialect: Dialect,
): Walked {
  const offsets = new Map<string, Offsets>()
  const mistakes: Walked['mistakes'][number][] = []
  const wrong = (offset: number, path: Path, message: string) => void mistakes.push({ offset, path, message })

  /** How many aliases surround the visited value, and how many values were visited through aliases so far. */
  let [aliases, byAlias] = [0, 0]

  function visit(node: Node | null | undefined, path: Path, key: number): unknown {
    refuseTooLarge(path.length)
    const value = node?.range?.[0] ?? key
    offsets.set(JSON.stringify(path), { value, key })
    if (isAlias(node)) return visitAlias(node, path, key)
    if (isMap(node)) return visitMap(node, path)
    if (isSeq(node))
      return node.items.map((item, index) => visit(item as Node, [...path, index], offsetOf(item)))
    if (!isScalar(node)) return null
    return typeof node.value === 'string' ? replace(node.value, path, { value, key }) : node.value
  }

  function refuseTooLarge(depth: number): void {
    if (offsets.size >= dialect.mostValues) throw new TooLarge(tooManyValues(dialect))
    if (aliases > 0 && (byAlias += 1) > mostByAlias)
      throw new TooLarge(`more than ${mostByAlias} values, counting each use of an alias; write fewer`)
    if (depth > deepest) throw new TooLarge(`nested more than ${deepest} levels deep`)
  }

  function visitAlias(node: Node, path: Path, key: number): unknown {
    const target = targetOf(node)
    if (target === undefined) return wrong(offsetOf(node), path, 'this alias has no anchor before it')
    aliases += 1
    const value = visit(target, path, key)
    aliases -= 1
    return value
  }

  const targetOf = (node: unknown) => (isAlias(node) ? node.resolve(document) : (node as Node | undefined))

  function visitMap(node: YAMLMap, path: Path): unknown {
    const result: Record<string, unknown> = Object.create(null)
    for (const [key, pair] of pairsOf(node, path, path.length))
      result[key] = visit(pair.value, [...path, key], offsetOf(pair.key))
    return result
  }

  /** The pairs of a mapping, its own before those of the mappings that it takes over. */
  function pairsOf(node: YAMLMap, path: Path, depth: number): Map<string, Pair<Node, Node>> {
    const pairs = new Map<string, Pair<Node, Node>>()
    const merged: Pair<Node, Node>[] = []
    for (const pair of node.items as Pair<Node, Node>[]) {
      const offset = offsetOf(pair.key)
      const key = isScalar(pair.key) ? String(pair.key.value) : undefined
      if (dialect.merge && key === '<<') merged.push(pair)
      else if (key === undefined)
        wrong(offset, path, 'a key must be a word, not a list, a mapping or an alias')
      else if (pairs.has(key)) wrong(offset, [...path, key], 'this key is given twice; keep one')
      else pairs.set(key, pair)
    }
    for (const { key, value } of merged)
      for (const item of isSeq(value) ? value.items : [value]) {
        const source = targetOf(item)
        aliases += 1
        refuseTooLarge(depth)
        if (isMap(source))
          for (const [name, pair] of pairsOf(source, path, depth + 1))
            if (!pairs.has(name)) pairs.set(name, pair)
        aliases -= 1
        if (!isMap(source))
          wrong(offsetOf(key), path, '`<<` takes over a mapping, or a list of mappings; write <<: *name')
      }
    return pairs
  }

  function replace(written: string, path: Path, at: Offsets): string {
    if (env === undefined || !written.includes('$')) return written
    const { text, names, problems } = substitute(written, env)
    for (const problem of problems) wrong(at.value, path, problem)
    if (names.length > 0) offsets.set(JSON.stringify(path), { ...at, written })
    return text
  }

  try {
    return { value: visit(document.contents, [], 0), offsets, mistakes }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return { value: undefined, offsets, mistakes: [{ offset: 0, path: [], message: error.message }] }
  }
}

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0
