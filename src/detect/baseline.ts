/**
 * What is normal for one target and check: median and spread of the logarithm of warm first-byte times, so that
 * "twice as slow" weighs the same at 5 ms and at 500 ms, and one cold start of 40 s moves nothing.
 */
import { fieldsOf, listOf, number, type Of } from './shape.ts'

/** Enough for a steady 98th percentile; about 1 KiB a baseline, which begins with an eighth of it. */
const capacity = 128
const first = capacity / 8
/** Once full, samples are taken at most this often, so that the ring covers half an hour whatever the interval. */
const leastGapS = (30 * 60) / capacity
const expireAfterS = 24 * 3600
/** With fewer samples nothing is called slow. */
const fewest = 5
const recomputeEvery = 16
/** Slow samples closer together than this are one occasion. */
const occasionS = 60
/** So many occasions of slowness in half an hour are this page's nature: they are taken into the baseline. */
const habitual = 4
/** A new worker is not quite as quick as usual for so long. */
const settleS = 2
/** So many slow samples in a row, over at least a minute, are the new normal. */
const runLength = 8

/** A slow sample that waits to be understood: a cold start is forgotten, a habit joins the baseline. */
interface Held {
  readonly logMs: number
  readonly atS: number
}

export type Baseline = ReturnType<typeof createBaseline>

const sorted = new Float32Array(capacity)

/** A baseline that knows nothing yet. */
export const createBaseline = () => ({
  logMs: new Float32Array(first),
  /** Seconds since the epoch of each sample. */
  atS: new Uint32Array(first),
  count: 0,
  next: 0,
  lastAtS: 0,
  sinceComputed: 0,
  held: [] as readonly Held[],
  /** Slow samples of this time are known to be of the last cold start, in seconds since the epoch. */
  coldFromS: 0,
  coldUntilS: 0,
  /** Slow samples since the last normal one, and when the first of them came. */
  run: 0,
  runSinceS: 0,
  /** Derived: natural logarithms of milliseconds. */
  median: Number.NaN,
  spread: Number.NaN,
  high: Number.NaN,
  /** Derived: milliseconds from which an answer takes long, as hardly one in ten does; never more than `slowMs`. */
  longMs: Number.POSITIVE_INFINITY,
  /** Derived: milliseconds from which an answer is suspiciously slow. */
  slowMs: Number.POSITIVE_INFINITY,
})

/**
 * Takes in one warm, unsuspected, successful answer of the tick or canary lane. Bursts and sweeps run when there is
 * trouble and would bend it. Answers far above the baseline are held back until they prove to be normal.
 * `nowMs` is when the answer came, wall milliseconds.
 */
export function observeBaseline(state: Baseline, firstByteMs: number, nowMs: number): void {
  const logMs = logOf(firstByteMs)
  const atS = Math.floor(nowMs / 1000)
  if (suspicious(state, firstByteMs)) {
    hold(state, { logMs, atS })
    return
  }
  state.run = 0
  if (state.count === capacity && atS >= state.lastAtS && atS - state.lastAtS < leastGapS) return
  take(state, logMs, atS)
}

/**
 * What was slow from `fromMs` to `untilMs`, wall milliseconds, waited for a new worker: however often that happens, it
 * is not normal.
 */
export function forgetColdStart(state: Baseline, fromMs: number, untilMs: number): void {
  state.coldFromS = Math.floor(fromMs / 1000)
  state.coldUntilS = Math.ceil(untilMs / 1000) + settleS
  const others = state.held.filter((held) => !ofColdStart(state, held))
  if (others.length === state.held.length) return
  state.held = others
  state.run = 0
}

const ofColdStart = ({ coldFromS, coldUntilS }: Baseline, { atS }: Held): boolean =>
  coldFromS <= atS && atS <= coldUntilS

/** Whether an answer is far above what is normal; false while too little is known. */
export const suspicious = (state: Baseline, firstByteMs: number): boolean => firstByteMs > state.slowMs

const logOf = (ms: number): number => Math.log(Math.max(ms, 0.01))

/** The normal time to first byte in milliseconds; undefined while too little is known. */
export const baselineMs = (state: Baseline): number | undefined =>
  state.count < fewest ? undefined : Math.exp(state.median)

/** The first-byte time in milliseconds that 98 of 100 answers keep to; undefined while too little is known. */
export const highMs = (state: Baseline | undefined): number | undefined =>
  state === undefined || state.count < fewest ? undefined : Math.exp(state.high)

function hold(state: Baseline, sample: Held): void {
  if (ofColdStart(state, sample)) return
  if (state.run === 0) state.runSinceS = sample.atS
  state.run++
  const recent = state.held.filter((held) => sample.atS - held.atS < capacity * leastGapS)
  state.held = [...recent, sample].slice(-capacity / 4)
  const newNormal = state.run >= runLength && sample.atS - state.runSinceS >= occasionS
  if (newNormal || occasions(state.held) >= habitual) release(state)
}

function occasions(held: readonly Held[]): number {
  let count = 0
  let lastS = Number.NEGATIVE_INFINITY
  for (const { atS } of held) {
    if (atS - lastS >= occasionS) count++
    lastS = atS
  }
  return count
}

function release(state: Baseline): void {
  const { held } = state
  state.held = []
  state.run = 0
  for (const { logMs, atS } of held) take(state, logMs, atS)
  compute(state)
}

function take(state: Baseline, logMs: number, atS: number): void {
  if (state.next === state.logMs.length) grow(state)
  state.logMs[state.next] = logMs
  state.atS[state.next] = atS
  state.next = (state.next + 1) % capacity
  state.lastAtS = atS
  if (state.count < capacity) state.count++
  state.sinceComputed++
  if (state.sinceComputed >= recomputeEvery || state.count <= recomputeEvery) compute(state)
}

function grow(state: Baseline): void {
  const { logMs, atS } = state
  state.logMs = new Float32Array(2 * logMs.length)
  state.atS = new Uint32Array(2 * atS.length)
  state.logMs.set(logMs)
  state.atS.set(atS)
}

function compute(state: Baseline): void {
  state.sinceComputed = 0
  const count = copyFresh(state)
  if (count < fewest) return
  const samples = sorted.subarray(0, count).sort()
  const median = samples[count >> 1] as number
  state.median = median
  const high = samples[Math.floor((count - 1) * 0.98) - coldAtFirst(state, median)] as number
  // The third largest of 128 is a shaky figure; its average over an hour is not.
  state.high = count < capacity || Number.isNaN(state.high) ? high : state.high + 0.15 * (high - state.high)
  const nineInTen = samples[Math.floor((count - 1) * 0.9)] as number
  for (let index = 0; index < count; index++) samples[index] = Math.abs((samples[index] as number) - median)
  // 1.4826 makes the median absolute deviation a standard deviation, were it a normal distribution.
  state.spread = Math.max(0.02, 1.4826 * (samples.sort()[count >> 1] as number))
  state.slowMs = slowFromMs(state)
  state.longMs = Math.min(state.slowMs, Math.max(Math.exp(nineInTen), wellAbove(median)))
}

/**
 * How many of the first samples, beyond the largest, may be of a cold start: until so many were there, nothing was
 * called slow. Once the ring is full the few that wait for one start weigh nothing.
 */
function coldAtFirst({ logMs, count }: Baseline, median: number): number {
  if (count === capacity) return 0
  const fromLogMs = Math.log(farAbove(median))
  const slow = logMs.subarray(0, fewest).filter((each) => each > fromLogMs)
  return Math.max(0, slow.length - 1)
}

/** Copies the samples that are not too old, or the few newest when all are. */
function copyFresh(state: Baseline): number {
  let count = 0
  for (let back = 1; back <= state.count; back++) {
    const index = (state.next - back + capacity) % capacity
    if (back > fewest && state.lastAtS - (state.atS[index] as number) > expireAfterS) break
    sorted[count++] = state.logMs[index] as number
  }
  return count
}

/** Half as long again as usual, and at least 100 ms longer. */
const wellAbove = (median: number): number => Math.max(1.5 * Math.exp(median), Math.exp(median) + 100)

/** Three times as long as usual, and at least 100 ms longer. */
const farAbove = (median: number): number => Math.max(3 * Math.exp(median), Math.exp(median) + 100)

/** Slow is: out of the spread, well above nearly all answers, and far above the usual. */
function slowFromMs({ median, spread, high }: Baseline): number {
  const bySpread = Math.exp(median + 4.5 * Math.min(spread, 0.5))
  return Math.max(bySpread, 1.8 * Math.exp(high), farAbove(median))
}

/** What is kept of a baseline across a restart: its samples, the oldest first, and not what it held back. */
const savedBaseline = fieldsOf({ ms: listOf(number), atS: listOf(number) })

/** The samples as plain JSON, to be kept across a restart. */
export function saveBaseline({ logMs, atS, next, count }: Baseline): Of<typeof savedBaseline> {
  const oldestFirst = Array.from(
    { length: count },
    (_, index) => (next - count + index + capacity) % capacity,
  )
  return {
    ms: oldestFirst.map((index) => Number(Math.exp(logMs[index] as number).toPrecision(5))),
    atS: oldestFirst.map((index) => atS[index] as number),
  }
}

/** The baseline that was saved, unless it is damaged. */
export function restoreBaseline(state: Baseline, saved: unknown): Baseline {
  if (!savedBaseline.fits(saved)) return state
  const restored = createBaseline()
  for (const [index, ms] of saved.ms.entries()) take(restored, logOf(ms), saved.atS[index] ?? 0)
  compute(restored)
  return restored
}

/** Moves what is known back in time, after the wall clock was set back. */
export function shiftBaseline(state: Baseline, byMs: number): Baseline {
  const byS = Math.round(byMs / 1000)
  return {
    ...state,
    atS: state.atS.map((atS) => Math.max(0, atS - byS)),
    held: state.held.map(({ logMs, atS }) => ({ logMs, atS: atS - byS })),
    lastAtS: state.lastAtS - byS,
    runSinceS: state.runSinceS - byS,
    coldFromS: state.coldFromS - byS,
    coldUntilS: state.coldUntilS - byS,
  }
}
