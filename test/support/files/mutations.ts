/** Changes to texts and values as accidents and attackers make them, for fast-check. */
import * as fc from 'fast-check'

type Edit = readonly [kind: 'cut' | 'put' | 'twice' | 'swap', at: number, length: number, put: string]

/** A text with some places deleted, doubled, exchanged, or overwritten by one of `tokens`. */
export function mutated(text: string, tokens: readonly string[]): fc.Arbitrary<string> {
  const edit: fc.Arbitrary<Edit> = fc.tuple(
    fc.constantFrom('cut', 'put', 'twice', 'swap'),
    fc.nat(text.length),
    fc.nat(40),
    fc.constantFrom(...tokens),
  )
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => edits.reduce(applied, text))
}

function applied(text: string, [kind, at, length, put]: Edit): string {
  const before = text.slice(0, at)
  const piece = text.slice(at, at + length)
  const after = text.slice(at + length)
  switch (kind) {
    case 'cut':
      return before + after
    case 'put':
      return before + put + after
    case 'twice':
      return before + piece + piece + after
    case 'swap':
      return before + after.slice(0, length) + piece + after.slice(length)
  }
}

/** A tree of mappings and lists with some of its values replaced, left out, or put where others are: `most` of them. */
export function mutatedTree(tree: unknown, values: fc.Arbitrary<unknown>, most = 3): fc.Arbitrary<unknown> {
  const change = fc.tuple(
    fc.nat(),
    fc.constantFrom('replace', 'remove', 'borrow', 'rename'),
    values,
    fc.nat(),
  )
  return fc.array(change, { minLength: 1, maxLength: most }).map((changes) => {
    const copy = structuredClone(tree)
    for (const [where, kind, value, other] of changes) {
      const places = placesIn(copy)
      const place = places[where % places.length]
      if (place === undefined) continue
      const { parent, key } = place
      const lender = places[other % places.length]
      if (kind === 'replace') parent[key] = value
      if (kind === 'borrow') parent[key] = structuredClone(lender?.parent[lender.key])
      if (kind === 'remove' || kind === 'rename') Reflect.deleteProperty(parent, key)
      if (kind === 'rename') parent[lender?.key ?? key] = value
    }
    return copy
  })
}

interface Place {
  readonly parent: Record<string, unknown>
  readonly key: string
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const parent = value as Record<string, unknown>
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...placesIn(parent[key])])
}

/** So many runs of a property: more when there is time. */
export const runs = (usual: number, long: number) => (process.env['FARMPROBE_LONG'] === '1' ? long : usual)

/** What a property finds wrong with a value it was given: the value, and the words for it; undefined when nothing. */
export async function firstWrong<T>(
  values: fc.Arbitrary<T>,
  wrongs: (value: T) => readonly string[] | Promise<readonly string[]>,
  numRuns: number,
): Promise<unknown> {
  const property = fc.asyncProperty(values, async (value) => {
    const found = await wrongs(value)
    if (found.length > 0) throw new Error(found.join('; '))
  })
  const { failed, counterexample, errorInstance, seed } = await fc.check(property, { numRuns })
  return failed ? { seed, counterexample, wrong: String(errorInstance) } : undefined
}
