/**
 * When webhooks are told of an incident: once when it opens (and once more when a hidden one reaches users), once when it
 * is over. While the farm is in maintenance nothing is told; what goes on afterwards is told then.
 */
import type { IncidentEvent } from '../model/event.ts'
import type { Incident } from '../model/incident.ts'
import type { Occasion } from '../model/receiver.ts'

export interface Announcement {
  readonly occasion: Occasion
  readonly incident: Incident
}

export function createAnnouncer() {
  /** By farm, the ids of incidents that opened in maintenance and have not been told. */
  const withheld = new Map<string, Set<string>>()
  const idsOf = (farm: string) => withheld.get(farm) ?? new Set<string>()

  return {
    /** What an event announces; `silent`: the farm is in maintenance. */
    record({ kind, farm, snapshot: incident }: IncidentEvent, silent: boolean): Announcement[] {
      const ids = idsOf(farm)
      if (kind === 'incident_opened') {
        if (!silent) return [{ occasion: 'opened', incident }]
        withheld.set(farm, ids.add(incident.id))
        return []
      }
      // Told again because more became known: receivers that keep what they are told have it from the page's link.
      if (incident.amended.length > 0) return []
      const wasTold = !ids.delete(incident.id) && !(silent && incident.maintenance)
      return wasTold ? [{ occasion: 'closed', incident }] : []
    },
    /** What is to be announced of the incidents of a farm that go on. */
    follow(farm: string, open: readonly Incident[], silent: boolean): Announcement[] {
      const ids = withheld.get(farm)
      if (silent || ids === undefined) return []
      withheld.delete(farm)
      return open
        .filter(({ id }) => ids.has(id))
        .map((incident): Announcement => ({ occasion: 'opened', incident }))
    },
  }
}
