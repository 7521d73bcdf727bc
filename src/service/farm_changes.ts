/** What has changed about the farms that are probed, in sentences, for the timeline. */
import type { Farm } from '../model/farm.ts'
import { firstOfMany } from '../runtime/first_of_many.ts'

export interface FarmChange {
  readonly farm: string
  readonly text: string
}

/** Nothing when only details of how they are probed have changed. */
export function farmChanges(before: readonly Farm[], after: readonly Farm[]): FarmChange[] {
  const old = new Map(before.map((farm) => [farm.name, farm]))
  const gone = missing(before, after)
  return [
    ...gone.map((farm) => ({ farm, text: 'no longer probed' })),
    ...after.flatMap((farm) => {
      const known = old.get(farm.name)
      return known === undefined
        ? [{ farm: farm.name, text: `probed from now on: ${list(names(farm.nodes))}` }]
        : changesOf(known, farm)
    }),
  ]
}

function changesOf(before: Farm, after: Farm): FarmChange[] {
  const changes = [
    ...difference('nodes', before.nodes, after.nodes),
    ...difference('checks', before.checks, after.checks),
  ]
  return changes.length === 0 ? [] : [{ farm: after.name, text: changes.join('; ') }]
}

function difference(
  what: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): string[] {
  const come = missing(after, before)
  const gone = missing(before, after)
  return [
    ...(come.length > 0 ? [`${what} added: ${list(come)}`] : []),
    ...(gone.length > 0 ? [`${what} gone: ${list(gone)}`] : []),
  ]
}

type Named = readonly { readonly name: string }[]

const names = (all: Named) => all.map(({ name }) => name)

/** The names in `all` that are not in `others`. */
function missing(all: Named, others: Named): string[] {
  const known = new Set(names(others))
  return names(all).filter((name) => !known.has(name))
}

const list = (names: readonly string[]) => firstOfMany(names, 20) || 'no nodes yet'
