/** The part of an outcome that is kept of every probe and sent to open pages. */
import { type Codec, putNumber, takeNumber } from '../../history/bytes.ts'
import {
  type Lane,
  lanes,
  type Outcome,
  type Proof,
  proofOf,
  type Reason,
  reasons,
} from '../../model/outcome.ts'
import type { BriefProbe } from '../api/schemas.ts'

/** An outcome in brief, its times rounded to hundredths of a millisecond. */
export function briefProbe(outcome: Outcome): BriefProbe {
  const { startedMs, lane, reason, status, firstByteMs, totalMs } = outcome
  return {
    atMs: Math.round(startedMs),
    lane,
    proof: proofOf(outcome),
    reason,
    status,
    ...(firstByteMs !== undefined && { firstByteMs: rounded(firstByteMs) }),
    totalMs: rounded(totalMs),
  }
}

/** What is told of a probe beside, where it is so. */
export const remarkOf = ({ remark }: Outcome) => (remark === undefined ? {} : { remark })

/** To hundredths: more digits would double the bytes and help no reader. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100

const hundredths = (ms: number): number => Math.round(ms * 100)

const proofs = ['ok', 'failure', 'nothing'] as const

/** Some 15 bytes: times in hundredths of a millisecond, words by their places in their lists. */
export const briefProbeCodec: Codec<BriefProbe> = {
  put(bytes, { atMs, lane, proof, reason, status, firstByteMs, totalMs }) {
    putNumber(bytes, atMs)
    putNumber(bytes, lanes.indexOf(lane) + lanes.length * proofs.indexOf(proof))
    putNumber(bytes, reasons.indexOf(reason))
    putNumber(bytes, status)
    // One more, so that 0 stands for none.
    putNumber(bytes, firstByteMs === undefined ? 0 : hundredths(firstByteMs) + 1)
    putNumber(bytes, hundredths(totalMs))
  },
  take(cursor) {
    const atMs = takeNumber(cursor)
    const laneAndProof = takeNumber(cursor)
    const reason = reasons[takeNumber(cursor)] as Reason
    const status = takeNumber(cursor)
    const firstByte = takeNumber(cursor)
    return {
      atMs,
      lane: lanes[laneAndProof % lanes.length] as Lane,
      proof: proofs[Math.floor(laneAndProof / lanes.length)] as Proof,
      reason,
      status,
      ...(firstByte > 0 && { firstByteMs: (firstByte - 1) / 100 }),
      totalMs: takeNumber(cursor) / 100,
    }
  },
}
