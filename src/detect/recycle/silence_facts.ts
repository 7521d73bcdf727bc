/** What was seen of a silence of a node, or of one wait, and of the other nodes at the same time. */
import { isBroken, type RecentAnswer } from '../recent_answers.ts'
import { hasAnswered, scatterMs } from '../stall/silences.ts'
import type { NodeSilence } from '../stall/stalls.ts'
import { networkWasSlow, type Reach } from './reach.ts'
import type { Facts } from './recycle_odds.ts'

type Waited = Pick<NodeSilence, 'fromMs' | 'toMs' | 'lengthMs' | 'probes' | 'recent' | 'repeated'>

/** Answers that end this close together were released by the same event. */
const sameMomentMs = 120

/** `waitMs` is the longest wait that ended with it; `peers` are of each other node the failures and long waits at the same time. */
export function factsOf(
  { fromMs, toMs, lengthMs, probes, recent, repeated }: Waited,
  waitMs: number,
  peers: readonly (readonly RecentAnswer[])[],
  reach: Reach,
): Omit<Facts, 'likeness'> {
  const broken = recent.filter((each) => isBroken(each) && each.startMs < toMs)
  const answered = probes.filter(hasAnswered)
  const surelyBeforeMs = toMs - scatterMs(lengthMs)
  const isLong = (each: RecentAnswer) => each.waitMs > lengthMs / 3
  const wasReleased = (each: RecentAnswer) => isLong(each) && Math.abs(each.endMs - toMs) < sameMomentMs
  const troubled = peers.filter((seen) => seen.some((each) => isBroken(each) || isLong(each)))
  return {
    waitMs,
    overtaken: false,
    waited: answered.length,
    trickled: answered.filter(({ startMs, endMs }) => startMs > fromMs && endMs < surelyBeforeMs).length,
    broken: broken.length,
    refused: broken.filter(({ outcome }) => outcome?.reason === 'refused').length,
    checks: new Set(probes.map(({ check }) => check)).size,
    peersReleased: peers.length > 0 && peers.every((seen) => seen.some(wasReleased)),
    peersTroubled: troubled.length / Math.max(1, peers.length),
    peersQuick: peers.length > 0 && peers.every((seen) => seen.length === 0),
    networkSlow: probes.filter(({ outcome }) => networkWasSlow(reach, outcome)).length / probes.length,
    repeated,
  }
}
