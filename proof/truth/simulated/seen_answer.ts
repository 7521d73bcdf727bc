import type { Phase, Reason } from '../../../src/model/outcome.ts'
import type { Answer, Failed } from '../../../src/simulator/answer/simulated_answer.ts'
import type { Span } from '../../../src/simulator/farm/weather.ts'

/** What becomes of an answer on the way to a prober with a deadline, which may stand still meanwhile. */
export interface Seen {
  readonly phaseMs: Readonly<Partial<Record<Phase, number>>>
  readonly totalMs: number
  /** Absent when no status line came. */
  readonly firstByteMs: number | undefined
  /** Why the answer is missing or cut off; undefined when it is whole. */
  readonly reason: Exclude<Reason, 'ok'> | undefined
}

/** Writing a small request takes next to nothing. */
const requestMs = 0.05

const failureReasons: Readonly<Record<Failed['how'], Exclude<Reason, 'ok'>>> = {
  refused: 'refused',
  reset: 'reset',
  closed: 'closed',
  garbage: 'protocol',
  unanswered: 'first_byte_timeout',
  unreachable: 'connect_timeout',
}

/** How a probe sees the answer; `stall` counts from the probe's start, as everything here. */
export function see(answer: Answer, timeoutMs: number, stall: Span | undefined): Seen {
  const noticed = (afterMs: number) => noticedAfter(afterMs, stall)
  const connectMs = noticed(answer.connectMs)
  if (connectMs >= timeoutMs || (answer.kind === 'failed' && answer.how === 'unreachable'))
    return ended('connect_timeout', { connect: noticed(timeoutMs) })
  if (answer.kind === 'failed' && answer.how === 'refused') return ended('refused', { connect: connectMs })
  const sentMs = connectMs + requestMs
  const waitMs = answer.kind === 'failed' ? answer.afterMs : answer.firstByteMs
  const repliedMs = noticed(Math.max(sentMs, answer.connectMs + requestMs + waitMs))
  const sent = { connect: connectMs, request: requestMs }
  if (repliedMs > timeoutMs)
    return ended('first_byte_timeout', { ...sent, wait: noticed(timeoutMs) - sentMs })
  const waited = { ...sent, wait: repliedMs - sentMs }
  if (answer.kind === 'failed') return ended(failureReasons[answer.how], waited)
  const doneMs = noticed(repliedMs + answer.transferMs)
  const transfer = Math.min(doneMs, Math.max(timeoutMs, repliedMs)) - repliedMs
  return {
    phaseMs: { ...waited, transfer },
    totalMs: repliedMs + transfer,
    firstByteMs: waited.wait,
    reason: doneMs > timeoutMs ? 'body_timeout' : undefined,
  }
}

/** Whatever comes during a stall is noticed at its end. */
function noticedAfter(afterMs: number, stall: Span | undefined): number {
  return stall !== undefined && afterMs >= stall.fromMs && afterMs < stall.toMs ? stall.toMs : afterMs
}

function ended(reason: Exclude<Reason, 'ok'>, phaseMs: Seen['phaseMs']): Seen {
  const totalMs = (phaseMs.connect ?? 0) + (phaseMs.request ?? 0) + (phaseMs.wait ?? 0)
  return { phaseMs, totalMs, firstByteMs: undefined, reason }
}
