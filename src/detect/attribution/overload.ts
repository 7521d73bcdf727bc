/** Whether a node had more requests than it could take, from how it refuses them. */
import { isAnswered, type RecentAnswer } from '../recent_answers.ts'

/** IIS says so itself: more requests than it may run at once, or a queue that is full. */
const saysSo = /\(503\.[234]: /

/**
 * HTTP.sys answers 503 by itself for a pool that is stopped and for one whose queue is full. A stopped pool answers nobody; one
 * that refuses some and answers others in between has too many requests.
 */
export function isOverloaded(answers: readonly RecentAnswer[], failure: RecentAnswer | undefined): boolean {
  if (saysSo.test(failure?.outcome?.tells ?? '')) return true
  if (!isKernel503(failure)) return false
  const startsMs = answers.filter(isKernel503).map(({ startMs }) => startMs)
  return answers.some(
    (each) =>
      isAnswered(each) &&
      startsMs.some((ms) => ms < each.startMs) &&
      startsMs.some((ms) => ms > each.startMs),
  )
}

const isKernel503 = (answer: RecentAnswer | undefined): boolean =>
  answer?.outcome?.status === 503 && answer.outcome.origin === 'iis-kernel'
