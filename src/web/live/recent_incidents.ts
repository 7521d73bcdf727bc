/** The incidents of late in memory, each as it was told last. */
import type { History } from '../../history/history.ts'
import type { FarmEvent } from '../../model/event.ts'
import type { Incident } from '../../model/incident.ts'

const most = 1000

export interface RecentIncidents {
  record(event: FarmEvent): void
  readonly during: History['incidents']
  readonly named: History['incident']
}

export function createRecentIncidents(): RecentIncidents {
  const known = new Map<string, Incident>()
  return {
    record(event) {
      if (event.kind !== 'incident_opened' && event.kind !== 'incident_closed') return
      known.set(event.incident, event.snapshot)
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
    },
    during: ({ sinceMs, untilMs }, { farm, impact }, limit) =>
      [...known.values()]
        .filter(({ openedMs, closedMs }) => openedMs < untilMs && (closedMs ?? sinceMs) >= sinceMs)
        .filter((each) => (farm ?? each.farm) === each.farm && (impact ?? each.impact) === each.impact)
        .sort((a, b) => b.openedMs - a.openedMs)
        .slice(0, limit),
    named: (id) => known.get(id),
  }
}
