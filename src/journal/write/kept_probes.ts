/**
 * Which single probes are kept: failures, and what was seen of a target shortly before and after something happened to
 * it. A ring holds the recent past, because what matters is known only afterwards.
 */
import { minuteOf } from '../../history/minutes.ts'
import { createRing } from '../../history/ring.ts'
import type { FarmEvent } from '../../model/event.ts'
import { balancerName } from '../../model/farm.ts'
import { endedMs, type Outcome, subjectKey } from '../../model/outcome.ts'
import { least } from '../../runtime/extremes.ts'

/** Some 20 MB; of 200 probes a second that is the last minute and a half. */
const ringSize = 20_000
/** What is kept before an event, and after it, in milliseconds. */
const beforeMs = 60_000
const afterMs = 30_000
/** Probes come in the order in which they ended, but for this much. */
const disorderMs = 5000
/** Of one series at most this many are kept a minute: rollups describe a long outage. */
const perMinute = 60

interface Seen {
  readonly outcome: Outcome
  kept: boolean
}

export function createKeptProbes() {
  const ring = createRing<Seen>(ringSize)
  let chosen: Outcome[] = []
  /** Until when everything of a target is kept, by farm and target. */
  const followed = new Map<string, number>()
  /** Since when the past of a target is wanted; searched once for all events since the last time. */
  const wanted = new Map<string, number>()
  let quotas = new Map<string, number>()
  let quotaMinute = 0

  const keep = (seen: Seen) => {
    const key = subjectKey(seen.outcome)
    const used = quotas.get(key) ?? 0
    if (seen.kept || used >= perMinute) return
    quotas.set(key, used + 1)
    seen.kept = true
    chosen.push(seen.outcome)
  }
  const startMinute = (minute: number) => {
    quotaMinute = minute
    quotas = new Map()
    for (const [key, untilMs] of followed) if (minuteOf(untilMs) < minute) followed.delete(key)
  }
  const searchPast = () => {
    const earliestMs = least(wanted.values()) - disorderMs
    const found: Seen[] = []
    for (const seen of ring.newestFirst()) {
      if (endedMs(seen.outcome) < earliestMs) break
      const { startedMs } = seen.outcome
      const key = targetKey(seen.outcome)
      const sinceMs = wanted.get(key)
      if (sinceMs !== undefined && startedMs >= sinceMs && startedMs <= (followed.get(key) ?? 0))
        found.push(seen)
    }
    wanted.clear()
    for (const seen of found.toReversed()) keep(seen)
  }
  return {
    observe(outcome: Outcome): void {
      const seen = { outcome, kept: false }
      ring.push(seen)
      const minute = minuteOf(endedMs(outcome))
      if (minute > quotaMinute) startMinute(minute)
      const untilMs = followed.get(targetKey(outcome)) ?? 0
      if (outcome.reason !== 'ok' || outcome.startedMs <= untilMs) keep(seen)
    },
    record(event: FarmEvent): void {
      const { farm, atMs } = event
      for (const target of targetsBehind(event)) {
        const key = targetKey({ farm, target })
        followed.set(key, Math.max(followed.get(key) ?? 0, atMs + afterMs))
        wanted.set(key, Math.min(wanted.get(key) ?? Number.POSITIVE_INFINITY, atMs - beforeMs))
      }
    },
    /** What is to be written: each probe is taken once. */
    take(): Outcome[] {
      if (wanted.size > 0) searchPast()
      const taken = chosen
      chosen = []
      return taken
    },
  }
}

const targetKey = ({ farm, target }: { readonly farm: string; readonly target: string }) =>
  `${farm}\n${target}`

/** The targets whose probes explain an event; outages and verdicts are explained by the failures themselves. */
function targetsBehind(event: FarmEvent): readonly string[] {
  if (event.kind === 'recycle' || event.kind === 'first_request' || event.kind === 'outage_closed')
    return [event.target, balancerName]
  if (event.kind === 'crosscheck') return [event.target]
  return event.kind === 'balancer_error' ? [event.node, balancerName] : []
}
