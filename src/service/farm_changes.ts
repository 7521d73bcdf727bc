/** What has changed about the farms that are probed, in sentences, for the timeline. */
import type { Farm } from '../model/farm.ts'

export interface FarmChange {
  readonly farm: string
  readonly text: string
}

/** Nothing when only details of how they are probed have changed. */
export function farmChanges(before: readonly Farm[], after: readonly Farm[]): FarmChange[] {
  const old = new Map(before.map((farm) => [farm.name, farm]))
  const gone = names(before).filter((name) => !names(after).includes(name))
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
  const come = after.filter(({ name }) => !before.some((each) => each.name === name))
  const gone = before.filter(({ name }) => !after.some((each) => each.name === name))
  return [
    ...(come.length > 0 ? [`${what} added: ${list(names(come))}`] : []),
    ...(gone.length > 0 ? [`${what} gone: ${list(names(gone))}`] : []),
  ]
}

const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)

const list = (names: readonly string[]) => names.join(', ') || 'no nodes yet'
