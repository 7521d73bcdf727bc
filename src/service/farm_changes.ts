/** What has changed about the farms that are probed. */
import { isDeepStrictEqual } from 'node:util'
import type { Farm } from '../model/farm.ts'
import { firstOfMany } from '../runtime/first_of_many.ts'

/**
 * The farms of `after`; one that is as it was in `before` is the same object. Whoever is told of farms has nothing to do
 * for an object that it knows.
 */
export function keepUnchanged(before: readonly Farm[], after: readonly Farm[]): Farm[] {
  const old = new Map(before.map((farm) => [farm.name, farm]))
  return after.map((farm) => {
    const known = old.get(farm.name)
    return known !== undefined && isDeepStrictEqual(known, farm) ? known : farm
  })
}

/** In sentences, for the timeline. Nothing when only details of how they are probed have changed. */
export function farmChanges(before: readonly Farm[], after: readonly Farm[]) {
  const old = new Map(before.map((farm) => [farm.name, farm]))
  return [
    ...missing(before, after).map((farm) => ({ farm, text: 'no longer probed' })),
    ...after.flatMap((farm) => {
      const known = old.get(farm.name)
      if (known === farm) return []
      const text = known ? changes(known, farm) : `probed from now on: ${list(names(farm.nodes))}`
      return text === '' ? [] : [{ farm: farm.name, text }]
    }),
  ]
}

const changes = (before: Farm, after: Farm): string =>
  [
    ...difference('nodes', before.nodes, after.nodes),
    ...difference('checks', before.checks, after.checks),
  ].join('; ')

type Named = readonly { readonly name: string }[]

function difference(what: string, before: Named, after: Named): string[] {
  const come = missing(after, before)
  const gone = missing(before, after)
  return [
    ...(come.length > 0 ? [`${what} added: ${list(come)}`] : []),
    ...(gone.length > 0 ? [`${what} gone: ${list(gone)}`] : []),
  ]
}

const names = (all: Named) => all.map(({ name }) => name)

/** The names in `all` that are not in `others`. */
const missing = (all: Named, others: Named): string[] => [
  ...new Set(names(all)).difference(new Set(names(others))),
]

const list = (names: readonly string[]) => firstOfMany(names, 20) || 'no nodes yet'
