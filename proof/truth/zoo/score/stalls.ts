/** How well stalls were seen: spans in which a node answered nobody, whatever caused them. */
import { eventKinds, type FarmEvent } from '../../../../src/model/event.ts'
import { overlap, type Window } from '../../pairing.ts'
import { type NodeStallTruth, ofKind } from '../truth/vocabulary.ts'
import { type Finding, isMet, isScored, metBy, type ScoredFarm } from './scored_farm.ts'

export interface StallScore {
  /** Those that a probe of ours met for half a second or more, the request that caused it left out. */
  readonly due: number
  readonly found: number
  readonly told: number
  readonly right: number
  /** Told of a time when the network was bad or farmprobe itself stood still, and not right. */
  readonly nobodys: number
  /** How far the end told is from the first answer after it, in milliseconds, of each that was found. */
  readonly endOffMs: readonly number[]
  readonly findings: readonly Finding[]
}

/** Probe and node read their clocks one after the other. */
const slackMs = 250
/** An end that is told so much off is worth a look. */
const farOffMs = 300

interface ToldStall extends Window {
  readonly target: string
}

export function scoreStalls(farm: ScoredFarm): StallScore {
  const { recording, events } = farm
  const told = events.flatMap(toldStall).filter(({ fromMs }) => isScored(farm, fromMs))
  const all = ofKind(recording.truth, 'node_stall')
  const due = all.filter((stall) => isScored(farm, stall.atMs) && isDue(farm, stall))
  const pairs = due.map((stall) => ({ stall, told: told.find((each) => isOf(each, stall)) }))
  const wrong = told.filter((each) => !all.some((stall) => isOf(each, stall)))
  const offMs = pairs.flatMap(({ stall, told }) =>
    told === undefined ? [] : [Math.abs(told.toMs - stall.toMs)],
  )
  const nobodys = recording.truth.filter((event) => event.kind === 'weather' || event.kind === 'stall')
  return {
    due: due.length,
    found: offMs.length,
    told: told.length,
    right: told.length - wrong.length,
    nobodys: wrong.filter((each) =>
      nobodys.some(({ atMs, toMs }) => overlap(each, { fromMs: atMs, toMs: toMs + slackMs })),
    ).length,
    endOffMs: offMs,
    findings: areTold
      ? [...pairs.flatMap(({ stall, told }) => finding(stall, told)), ...wrong.map(wrongFinding)]
      : [],
  }
}

/** Whether there are events of kind `stall`: they are to come, and until then nothing is said of what is missed. */
const areTold = eventKinds.some((kind: string) => kind === 'stall')

/** Of such an event: its target, when it began, and its length in milliseconds. */
function toldStall(event: FarmEvent): ToldStall[] {
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

const isOf = (told: ToldStall, { node, atMs, toMs }: NodeStallTruth): boolean =>
  told.target === node && overlap(told, { fromMs: atMs - slackMs, toMs: toMs + slackMs })

function finding({ node, cause, atMs, toMs }: NodeStallTruth, told: ToldStall | undefined): Finding[] {
  const what = `a stall (${cause}) of ${Math.round(toMs - atMs)} ms`
  if (told === undefined) return [{ what: 'missed', atMs, target: node, sentence: `missed ${what}` }]
  const offMs = Math.round(told.toMs - toMs)
  if (Math.abs(offMs) <= farOffMs) return []
  return [{ what: 'off', atMs, target: node, sentence: `told the end of ${what} ${offMs} ms off` }]
}

const wrongFinding = ({ target, fromMs, toMs }: ToldStall): Finding => ({
  what: 'wrong',
  atMs: fromMs,
  target,
  sentence: `told of a stall of ${Math.round(toMs - fromMs)} ms that was none`,
})
