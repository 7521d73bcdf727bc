/** The condition of a target, judged from the newest probe of each of its checks. */
import { failureWords, type Tone } from '../words/words.ts'
import type { Cell, CheckState, TargetState } from './page_state.ts'

/** From here on an answer counts as slow: above what a warm node needs in a bad moment, below a cold start. */
const slowFromMs = ({ highMs }: CheckState) =>
  highMs === null ? Number.POSITIVE_INFINITY : Math.max(3 * highMs, highMs + 200)

export function conditionOf({ checks }: TargetState): { tone: Tone; words: string; check?: CheckState } {
  const probed = checks.filter(({ last }) => last !== null)
  const failing = probed.find(({ last }) => last?.proof === 'failure')
  if (failing?.last) {
    const { reason, status } = failing.last
    return { tone: 'bad', words: failureWords(reason, status), check: failing }
  }
  const slow = probed.find((check) => (check.last?.firstByteMs ?? 0) > slowFromMs(check))
  if (slow !== undefined) return { tone: 'slow', words: 'slow', check: slow }
  const [first] = probed
  return first === undefined
    ? { tone: 'unknown', words: 'no probe yet' }
    : { tone: 'ok', words: 'ok', check: first }
}

/** How one minute of a target went. */
export type CellTone = 'none' | 'ok' | 'slow' | 'failing' | 'down'

/** Judges the minutes of a target by what is slow for it. */
export function cellJudge({ checks }: TargetState): (cell: Cell | undefined) => CellTone {
  const limitMs = checks
    .map(slowFromMs)
    .filter(Number.isFinite)
    .reduce((most, ms) => Math.max(most, ms), 0)
  return (cell) => {
    if (cell === undefined || cell.probes === 0) return 'none'
    if (cell.failures > 0) return cell.failures * 2 >= cell.probes ? 'down' : 'failing'
    return limitMs > 0 && cell.maxMs > limitMs ? 'slow' : 'ok'
  }
}
