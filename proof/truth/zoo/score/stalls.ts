/** How well stalls were found: spans without any answer of a node, whatever their cause. */
import { eventKinds, type FarmEvent } from '../../../../src/model/event.ts'
import { overlap, type Window } from '../../scores/windows.ts'
import { type NodeStallTruth, ofKind } from '../truth/vocabulary.ts'
import { loggedStalls } from './logged_stalls.ts'
import { type Finding, isMet, isScored, metBy, type ScoredFarm } from './scored_farm.ts'

export interface StallScore {
  /** Those that a probe met for half a second or failed in, other than the request that occupied the node. */
  readonly due: number
  readonly found: number
  readonly reported: number
  readonly right: number
  /** Reported ones of which the logs do not tell whether they happened. */
  readonly undecided: number
  /** The error of the reported end of each found stall, in milliseconds. */
  readonly endOffMs: readonly number[]
  readonly findings: readonly Finding[]
}

/** The tolerance between times of farmprobe and of the logs. */
const slackMs = 250
/** A larger error of the end is a finding. */
const farOffMs = 300

interface ReportedStall extends Window {
  readonly target: string
}

export function scoreStalls(farm: ScoredFarm): StallScore {
  const { recording, events } = farm
  const told = events.flatMap(reportedStall)
  const { known, likely } = loggedStalls(recording)
  const due = known.filter((stall) => isScored(farm, stall.atMs) && isDue(farm, stall))
  const pairs = due.map((stall) => ({ stall, reported: bestOf(told, stall) }))
  // A network that delays every packet keeps answers back, too.
  const weather = ofKind(recording.truth, 'weather').map(({ atMs, toMs }) => ({
    fromMs: atMs,
    toMs: toMs + slackMs,
  }))
  const verdictOn = (each: ReportedStall): 'right' | 'undecided' | 'wrong' => {
    if (known.some((stall) => isOf(each, stall))) return 'right'
    const mayBe =
      likely.some((stall) => isOf(each, stall)) || weather.some((trouble) => overlap(each, trouble))
    return mayBe ? 'undecided' : 'wrong'
  }
  const reported = told.filter(({ fromMs }) => isScored(farm, fromMs))
  const { right = [], undecided = [], wrong = [] } = Object.groupBy(reported, verdictOn)
  const offMs = pairs.flatMap(({ stall, reported }) =>
    reported === undefined ? [] : [Math.abs(reported.toMs - stall.toMs)],
  )
  return {
    due: due.length,
    found: offMs.length,
    reported: reported.length,
    right: right.length,
    undecided: undecided.length,
    endOffMs: offMs,
    findings: areReported
      ? [...pairs.flatMap(({ stall, reported }) => finding(stall, reported)), ...wrong.map(wrongFinding)]
      : [],
  }
}

/** Without events of kind `stall` missed stalls are no findings. */
const areReported = eventKinds.some((kind: string) => kind === 'stall')

/** Reads an event of kind `stall`: its target, its start, and its length in milliseconds. */
function reportedStall(event: FarmEvent): ReportedStall[] {
  const { kind, target, atMs, lengthMs } = event as {
    kind: string
    target?: string
    atMs: number
    lengthMs?: number
  }
  return kind === 'stall' && target !== undefined && lengthMs !== undefined
    ? [{ target, fromMs: atMs, toMs: atMs + lengthMs }]
    : []
}

function isDue({ recording: { probes } }: ScoredFarm, stall: NodeStallTruth): boolean {
  const window = { fromMs: stall.atMs, toMs: stall.toMs }
  const others = probes.filter(({ outcome }) => !stall.busyWith.includes(outcome.id))
  return isMet(metBy(others, stall.node, window), window)
}

/** Of several that were reported of a stall, as when an error page interrupts it, the one that covers most of it. */
const bestOf = (told: readonly ReportedStall[], stall: NodeStallTruth): ReportedStall | undefined =>
  told
    .filter((each) => isOf(each, stall))
    .reduce<ReportedStall | undefined>(
      (best, each) => (best === undefined || coveredMs(each, stall) > coveredMs(best, stall) ? each : best),
      undefined,
    )

const coveredMs = (reported: ReportedStall, { atMs, toMs }: NodeStallTruth): number =>
  Math.min(reported.toMs, toMs) - Math.max(reported.fromMs, atMs)

const isOf = (reported: ReportedStall, { node, atMs, toMs }: NodeStallTruth): boolean =>
  reported.target === node && overlap(reported, { fromMs: atMs - slackMs, toMs: toMs + slackMs })

function finding(
  { node, cause, atMs, toMs }: NodeStallTruth,
  reported: ReportedStall | undefined,
): Finding[] {
  const what = `a stall (${cause}) of ${Math.round(toMs - atMs)} ms`
  if (reported === undefined) return [{ what: 'missed', atMs, target: node, sentence: `missed ${what}` }]
  const offMs = Math.round(reported.toMs - toMs)
  if (Math.abs(offMs) <= farOffMs) return []
  return [{ what: 'off', atMs, target: node, sentence: `reported the end of ${what} ${offMs} ms off` }]
}

const wrongFinding = ({ target, fromMs, toMs }: ReportedStall): Finding => ({
  what: 'wrong',
  atMs: fromMs,
  target,
  sentence: `reported a stall of ${Math.round(toMs - fromMs)} ms that did not happen`,
})
