/** What the page shows as it happens: kept for a while in memory, and sent to every open page. */
import type { FarmEvent } from '../../model/event.ts'
import { type Farm, targetsOf } from '../../model/farm.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import type { Mark } from '../../model/past.ts'
import type { Clock } from '../../runtime/clock.ts'
import { briefProbe } from './brief_probe.ts'
import { type Broadcast, createBroadcast } from './broadcast.ts'
import { eventView, markView } from './event_view.ts'
import { createRecent, type Recent } from './recent.ts'

export interface Live {
  readonly recent: Recent
  readonly broadcast: Broadcast
  observe(outcome: Outcome): void
  record(event: FarmEvent): void
  marked(mark: Mark): void
  /** The farms or their nodes have changed: the memory of what is gone is dropped. */
  setFarms(farms: readonly Farm[]): void
}

export function createLive(clock: Clock): Live {
  const recent = createRecent(clock.wallMs())
  const broadcast = createBroadcast(clock)
  return {
    recent,
    broadcast,
    observe(outcome) {
      recent.observe(outcome)
      if (!broadcast.isWanted()) return
      const { farm, role, target, check, detail } = outcome
      broadcast.probe({ farm, role, target, check, ...briefProbe(outcome), ...(detail !== '' && { detail }) })
    },
    record(event) {
      recent.record(event)
      broadcast.event(eventView(event))
    },
    marked(mark) {
      recent.mark(mark)
      broadcast.mark(markView(mark))
    },
    setFarms(farms) {
      recent.retain(farms.flatMap(subjectsOf))
      broadcast.farmsChanged()
    },
  }
}

const subjectsOf = (farm: Farm): Subject[] =>
  farm.checks.flatMap((check) =>
    targetsOf(farm, check).map(({ role, name }) => ({
      farm: farm.name,
      role,
      target: name,
      check: check.name,
    })),
  )
