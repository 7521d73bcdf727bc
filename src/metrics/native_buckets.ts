/**
 * The buckets of Prometheus's native histograms: exponential, and only those that have counted. They are kept beside
 * the buckets of the table, by record and first cell as exemplars are, and only where `keepNativeBuckets` asked for it.
 * Latencies lie within some twenty doublings, so a histogram has 160 of them at most.
 * https://prometheus.io/docs/specs/native_histograms/
 */

/** Two to this power is the number of buckets a doubling has: the bounds of one are 9 % apart. */
export const schema = 3
const perDoubling = 2 ** schema
/** What is no greater counts as zero, as in Prometheus's own client. */
export const zeroThreshold = 2 ** -128

interface Counts {
  zero: number
  /** By index: bucket i ends at 2^(i / 8), which belongs to it. */
  readonly byIndex: Map<number, number>
}

const noCounts = (): Counts => ({ zero: 0, byIndex: new Map() })

const kept = new WeakMap<Float64Array, Map<number, Counts>>()

/** From now on observations of this record's histograms are counted in native buckets, too. */
export const keepNativeBuckets = (cells: Float64Array): void => {
  kept.set(cells, new Map())
}

/** Counts an observation of the histogram that begins at a cell. */
export function observeNative(cells: Float64Array, at: number, seconds: number): void {
  const ofRecord = kept.get(cells)
  if (ofRecord === undefined) return
  const counts = ofRecord.get(at) ?? noCounts()
  ofRecord.set(at, counts)
  const index = Math.ceil(Math.log2(seconds) * perDoubling)
  if (seconds > zeroThreshold) counts.byIndex.set(index, (counts.byIndex.get(index) ?? 0) + 1)
  else counts.zero++
}

export interface NativeBuckets {
  readonly zero: number
  /** Buckets in a row: how many lie between these and those before (of the first: its index), and their counts. */
  readonly spans: readonly { readonly offset: number; readonly counts: readonly number[] }[]
}

/** The native buckets of the histogram that begins at a cell; undefined where none are kept. */
export function nativeBucketsOf(cells: Float64Array, at: number): NativeBuckets | undefined {
  const ofRecord = kept.get(cells)
  if (ofRecord === undefined) return undefined
  const { zero, byIndex } = ofRecord.get(at) ?? noCounts()
  const spans: { offset: number; counts: number[] }[] = []
  let next = 0
  for (const [index, count] of [...byIndex].toSorted(([a], [b]) => a - b)) {
    if (spans.length > 0 && index === next) spans.at(-1)?.counts.push(count)
    else spans.push({ offset: index - next, counts: [count] })
    next = index + 1
  }
  return { zero, spans }
}
