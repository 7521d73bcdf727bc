/** How a target is, judged from the newest probe of each of its checks. */
import { failureWords } from './words.js'

/** From here on an answer is called slow: what a cold start takes, and a bad moment does not. */
export const slowFromMs = ({ highMs }) =>
  highMs === null ? Number.POSITIVE_INFINITY : Math.max(3 * highMs, highMs + 200)

/** The tone and the words for a target. */
export function conditionOf(target) {
  const checks = [...target.checks.values()].filter(({ last }) => last !== null)
  const failing = checks.find(({ last }) => last.proof === 'failure')
  if (failing !== undefined) return { tone: 'bad', words: failureWords(failing.last), check: failing }
  const slow = checks.find((check) => check.last.firstByteMs > slowFromMs(check))
  if (slow !== undefined) return { tone: 'slow', words: 'slow', check: slow }
  return checks.length === 0
    ? { tone: 'unknown', words: 'no probe yet' }
    : { tone: 'ok', words: 'ok', check: checks[0] }
}

/** The tone of one minute of a strip. */
export function cellTone(cell, target) {
  if (cell === undefined || cell.probes === 0) return 'none'
  if (cell.failures > 0) return cell.failures * 2 >= cell.probes ? 'down' : 'failing'
  const limit = Math.max(...[...target.checks.values()].map(slowFromMs).filter(Number.isFinite), 0)
  return limit > 0 && cell.maxMs > limit ? 'slow' : 'ok'
}
