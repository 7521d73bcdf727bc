/** What the page shows as it happens: kept for a while in memory, and sent to every open page. */
import type { FarmEvent } from '../../model/event.ts'
import { type Farm, targetsOf } from '../../model/farm.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import type { Mark } from '../../model/past.ts'
import type { Clock } from '../../runtime/clock.ts'
import { briefProbe, remarkOf } from './brief_probe.ts'
import { createBroadcast } from './broadcast.ts'
import { eventView, markView } from './event_view.ts'
import { createRecent } from './recent.ts'

export type Live = ReturnType<typeof createLive>

export function createLive(clock: Clock) {
  const recent = createRecent(clock.wallMs())
  const broadcast = createBroadcast(clock)
  return {
    recent,
    broadcast,
    observe(outcome: Outcome): void {
      recent.observe(outcome)
      if (!broadcast.isWanted()) return
      const { farm, role, target, check, detail } = outcome
      const words = { ...(detail !== '' && { detail }), ...remarkOf(outcome) }
      broadcast.probe({ farm, role, target, check, ...briefProbe(outcome), ...words })
    },
    record(event: FarmEvent): void {
      recent.record(event)
      broadcast.event(eventView(event))
    },
    marked(mark: Mark): void {
      recent.mark(mark)
      broadcast.mark(markView(mark))
    },
    /** The farms or their nodes have changed: the memory of what is gone is dropped. */
    setFarms(farms: readonly Farm[]): void {
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
