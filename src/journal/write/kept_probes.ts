/**
 * Which single probes are worth keeping: failures, and what was seen of a target shortly before and after something
 * happened to it. A ring holds the recent past, because what matters is known only afterwards.
 */
import { minuteOf } from '../../history/minutes.ts'
import type { FarmEvent } from '../../model/event.ts'
import { balancerName } from '../../model/farm.ts'
import { endedMs, type Outcome } from '../../model/outcome.ts'

/** Some 20 MB; of 200 probes a second that is the last minute and a half. */
const ringSize = 20_000
/** What is kept before an event, and after it, in milliseconds. */
const beforeMs = 60_000
const afterMs = 30_000
/** Of one series at most so many are kept a minute: a long outage is told by its rollups. */
const perMinute = 60

interface Seen {
  readonly outcome: Outcome
  kept: boolean
}

export interface ProbesKept {
  observe(outcome: Outcome): void
  happened(event: FarmEvent): void
  /** What is to be written; it is asked for once. */
  take(): Outcome[]
}

export function createProbesKept(): ProbesKept {
  const ring: Seen[] = []
  let next = 0
  let chosen: Outcome[] = []
  /** Until when all of a target is kept, by farm and target. */
  const followed = new Map<string, number>()
  /** Since when a target's past is asked for; looked up at once for all that happened since the last time. */
  const asked = new Map<string, number>()
  let quotas = new Map<string, number>()
  let quotaMinute = 0

  const keep = (seen: Seen) => {
    const { outcome } = seen
    const key = `${outcome.farm}\n${outcome.target}\n${outcome.check}`
    const used = quotas.get(key) ?? 0
    if (seen.kept || used >= perMinute) return
    quotas.set(key, used + 1)
    seen.kept = true
    chosen.push(outcome)
  }
  const newMinute = (minute: number) => {
    quotaMinute = minute
    quotas = new Map()
    for (const [key, untilMs] of followed) if (minuteOf(untilMs) < minute) followed.delete(key)
  }
  const lookBack = () => {
    for (let index = 0; index < ring.length; index++) {
      const seen = ring[(next + index) % ring.length] as Seen
      const { farm, target, startedMs } = seen.outcome
      const key = `${farm}\n${target}`
      const sinceMs = asked.get(key)
      if (sinceMs !== undefined && startedMs >= sinceMs && startedMs <= (followed.get(key) ?? 0)) keep(seen)
    }
    asked.clear()
  }
  return {
    observe(outcome) {
      const seen = { outcome, kept: false }
      ring[next] = seen
      next = (next + 1) % ringSize
      const minute = minuteOf(endedMs(outcome))
      if (minute > quotaMinute) newMinute(minute)
      const untilMs = followed.get(`${outcome.farm}\n${outcome.target}`) ?? 0
      if (outcome.reason !== 'ok' || outcome.startedMs <= untilMs) keep(seen)
    },
    happened(event) {
      for (const target of concerned(event)) {
        const key = `${event.farm}\n${target}`
        followed.set(key, Math.max(followed.get(key) ?? 0, event.atMs + afterMs))
        asked.set(key, Math.min(asked.get(key) ?? Number.POSITIVE_INFINITY, event.atMs - beforeMs))
      }
    },
    take() {
      if (asked.size > 0) lookBack()
      const taken = chosen
      chosen = []
      return taken
    },
  }
}

/** The targets whose probes tell more of an event; outages and verdicts are told by the failures themselves. */
function concerned(event: FarmEvent): readonly string[] {
  if (event.kind === 'recycle' || event.kind === 'first_request' || event.kind === 'outage_closed')
    return [event.target, balancerName]
  if (event.kind === 'crosscheck') return [event.target]
  return event.kind === 'balancer_error' ? [event.node, balancerName] : []
}
