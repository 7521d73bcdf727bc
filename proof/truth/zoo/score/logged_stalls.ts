/**
 * The stalls of a recorded farm by all its logs. Those that the servers' own events show are in its truth. Without an event,
 * as when the machine stands still, only the log of our requests shows that nobody was answered while two waited. Answers to
 * users are not in a recording and may have come meanwhile: such a stall need not be found, and is not wrong.
 */
import { endedMs } from '../../../../src/model/outcome.ts'
import { least } from '../../../../src/runtime/extremes.ts'
import { median } from '../../../statistics.ts'
import type { RecordedProbe, Recording } from '../recording/recording.ts'
import { requestedMs } from '../truth/farm_truth.ts'
import { type NodeStallTruth, ofKind } from '../truth/vocabulary.ts'

const leastMs = 500
/** Of so many requests in a row the waiting ones are found. */
const mostAtOnce = 1000
/** A request waits when it takes so much longer than most of its check; one of a stall waits longer. */
const waits = { fromMs: 50, oneFromMs: 250 }

interface Request {
  readonly sentMs: number
  readonly endMs: number
  readonly answered: boolean
  /** Median of its check; a request that failed took none of it. */
  readonly usualMs: number
}

export interface LoggedStalls {
  readonly known: readonly NodeStallTruth[]
  readonly likely: readonly NodeStallTruth[]
}

export function loggedStalls({ truth, probes }: Recording): LoggedStalls {
  const nodes = new Set(probes.flatMap(({ outcome }) => (outcome.role === 'node' ? [outcome.target] : [])))
  const requests = new Map([...nodes].map((node) => [node, requestsOf(probes, node)]))
  return {
    known: ofKind(truth, 'node_stall').map((stall) => ({
      ...stall,
      toMs: refusedUntil(stall.toMs, requests.get(stall.node) ?? []),
    })),
    likely: [...requests].flatMap(([node, own]) => answerless(node, own)),
  }
}

/** By the end of the request. One that no application received is known from its sender. */
function requestsOf(probes: readonly RecordedProbe[], node: string): Request[] {
  const own = probes.filter(
    ({ log, outcome: { role, reason } }) =>
      log.node === node && (log.endMs !== undefined || (role === 'node' && reason !== 'ok')),
  )
  return [...Map.groupBy(own, ({ outcome }) => outcome.check).values()]
    .flatMap((all) => {
      const tookMs = all.flatMap(({ outcome, log: { endMs } }) =>
        endMs === undefined ? [] : [endMs - requestedMs(outcome)],
      )
      const usualMs = tookMs.length === 0 ? 0 : median(tookMs)
      return all.map(({ outcome, log: { endMs } }) => ({
        sentMs: requestedMs(outcome),
        endMs: endMs ?? endedMs(outcome),
        answered: endMs !== undefined,
        usualMs: endMs === undefined ? 0 : usualMs,
      }))
    })
    .sort((a, b) => a.endMs - b.endMs)
}

/** A server may be ready for a moment before it listens: as long as it refuses it answers nobody. */
function refusedUntil(toMs: number, requests: readonly Request[]): number {
  const first = requests.find(({ answered, endMs }) => answered && endMs > toMs)
  const isRefused = requests.some(
    ({ answered, sentMs, endMs }) => !answered && sentMs > toMs && endMs < (first?.endMs ?? 0),
  )
  return first !== undefined && isRefused ? first.endMs : toMs
}

/** Spans between two answers in which requests waited or failed. */
function answerless(node: string, requests: readonly Request[]): NodeStallTruth[] {
  const answers = [...requests.entries()].filter(([, { answered }]) => answered)
  return answers.flatMap(([, first], index) => {
    const [place, before] = answers[index - 1] ?? []
    if (place === undefined || before === undefined || first.endMs - before.endMs < leastMs) return []
    const waitedMs = ({ sentMs, usualMs }: Request) => first.endMs - sentMs - usualMs
    const met = []
    for (const each of requests.slice(place + 1, place + mostAtOnce)) {
      const hasWaited = each.endMs >= first.endMs && waitedMs(each) >= waits.fromMs
      if (each.answered ? each.sentMs >= before.sentMs && hasWaited : each.sentMs < first.endMs)
        met.push(each)
    }
    const atMs = Math.max(before.endMs, least(met.map(({ sentMs }) => sentMs)))
    const isStall =
      met.length > 1 && met.some((each) => waitedMs(each) >= waits.oneFromMs) && first.endMs - atMs >= leastMs
    return isStall ? [{ kind: 'node_stall', node, cause: 'busy', atMs, toMs: first.endMs, busyWith: [] }] : []
  })
}
