/**
 * The two witnesses inside a node: windows_exporter counts new workers at once, WAS writes when and why each old one ended,
 * and its events may come much later. What one tells of workers that the other has told of is no news of another recycle.
 */
import type { EndReason, WorkerCause, WorkerEnd } from '../model/workers.ts'
import {
  type CrosscheckState,
  type Finding,
  keep,
  nearest,
  type SeenInside,
  type Witnessed,
} from './crosscheck_state.ts'

/** Takes in new workers that windows_exporter counted. */
export function noteCounted(
  { inside, concluded }: CrosscheckState,
  news: Pick<SeenInside, 'fromMs' | 'toMs' | 'cause' | 'pools'> & { readonly workers: number },
  toleranceMs: number,
): void {
  const written = new Set<Witnessed>([...inside, ...concluded.map(({ of }) => of)])
  let { workers: counted } = news
  for (const each of written) {
    const same = gapMs(each, news) <= toleranceMs ? Math.min(counted, each.written - each.counted) : 0
    if (same <= 0) continue
    each.counted += same
    counted -= same
  }
  const { fromMs, toMs, cause, pools } = news
  if (counted > 0) keep(inside, { fromMs, toMs, cause, pools, counted, written: 0, matched: 0 })
}

/** Takes in that a worker of a pool ended. A conclusion that was drawn without knowing why is drawn again. */
export function noteWritten(
  { inside, concluded }: CrosscheckState,
  pool: string,
  was: WorkerEnd,
  toleranceMs: number,
): Finding[] {
  const span = { fromMs: was.atMs, toMs: was.atMs }
  const waiting = inside.filter((each) => each.matched === 0 && lacksIt(each)).map((of) => ({ of }))
  const told = concluded.filter(({ of }) => lacksIt(of))
  const known = nearest([...told, ...waiting], ({ of }) => gapMs(of, span), toleranceMs)
  if (known === undefined) {
    const cause = causes[was.reason]
    keep(inside, { ...span, cause, pools: [pool], was, counted: 0, written: 1, matched: 0 })
    return []
  }
  known.of.written++
  if (!('finding' in known)) {
    const seen: SeenInside = known.of
    seen.was ??= was
    return []
  }
  const { finding } = known
  if (finding.inside?.was !== undefined) return []
  const counted = finding.inside ?? { ...span, cause: causes[was.reason], workers: 1, pools: [pool] }
  const seen = finding.seen === 'outside' ? 'both' : finding.seen
  known.finding = { ...finding, seen, late: 'reason', inside: { ...counted, was } }
  return [known.finding]
}

const lacksIt = ({ counted, written }: Witnessed): boolean => written < Math.max(1, counted)

/** What windows_exporter would have counted. */
const causes: Readonly<Record<EndReason, WorkerCause>> = {
  idle: 'start',
  schedule: 'recycle',
  requests: 'recycle',
  memory: 'recycle',
  crash: 'crash',
  unhealthy: 'recycle',
  change: 'recycle',
}

type Span = Pick<Witnessed, 'fromMs' | 'toMs'>

const gapMs = (a: Span, b: Span): number => Math.max(0, a.fromMs - b.toMs, b.fromMs - a.toMs)
