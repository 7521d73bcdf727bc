/** The values: one record per owner of series. */
import { type Scope, scopeLabels } from './metric_row.ts'
import { keepNativeBuckets } from './native_buckets.ts'
import type { Owner } from './owners.ts'
import { opening, sizeOf, zeroMask } from './record_layout.ts'

export type Store = ReturnType<typeof createStore>

/** `native`: histograms count in Prometheus's native buckets, too. */
export function createStore(native = false) {
  const records = new Map<Scope, Map<string, Series>>()
  const create = (owner: Owner): Series => {
    const series = createSeries(owner)
    if (native) keepNativeBuckets(series.cells)
    return series
  }
  const of = (scope: Scope) => records.get(scope) ?? new Map<string, Series>()

  return {
    /** The cells of the owner whose names, joined by line feeds, are `key`; undefined when it is gone, or never was. */
    find: (scope: Scope, key: string): Float64Array | undefined => records.get(scope)?.get(key)?.cells,
    /** The cells of an owner that no configuration names, such as a prober; made when missing. */
    ensure(owner: Owner): Float64Array {
      const known = of(owner.scope)
      const key = keyOf(owner)
      const series = known.get(key) ?? create(owner)
      records.set(owner.scope, known.set(key, series))
      return series.cells
    },
    /** Makes these the only owners within the scopes; those that were there already keep their values. */
    replace(scopes: readonly Scope[], owners: readonly Owner[]): void {
      const next = new Map(scopes.map((scope) => [scope, new Map<string, Series>()]))
      for (const owner of owners) {
        const kept = of(owner.scope).get(keyOf(owner))
        const zeros = zeroMask(owner.scope, owner.traits)
        next.get(owner.scope)?.set(keyOf(owner), kept ? { ...kept, zeros } : create(owner))
      }
      for (const [scope, series] of next) records.set(scope, series)
    },
    /** The records of a scope, in a stable order. */
    all: (scope: Scope): Iterable<Series> => of(scope).values(),
  }
}

const keyOf = ({ names }: Owner) => names.join('\n')

export type Series = ReturnType<typeof createSeries>

function createSeries({ scope, names, traits }: Owner) {
  const labels = scopeLabels[scope].map((label, i): [string, string] => [label, names[i] ?? ''])
  const text = opening(labels)
  const bare = labels.filter(([label]) => label !== 'role')
  return {
    names,
    /** The opening of its lines' labels, with the role and without it. */
    labels: text,
    bare: bare.length === labels.length ? text : opening(bare),
    cells: new Float64Array(sizeOf(scope)),
    /** Which cells are exposed although they are zero. */
    zeros: zeroMask(scope, traits),
  }
}
