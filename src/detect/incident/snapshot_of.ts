/** An incident as it is told at a moment. */
import type { Incident } from '../../model/incident.ts'
import { type Culprit, culpritOf, ownCause } from './culprit_of.ts'
import { cureFor } from './cures.ts'
import { groundsFor, partsOf } from './grounds_for.ts'
import type { IncidentState, TellingFarm } from './incident_state.ts'
import { summaryOf } from './summary_of.ts'

/** `nowMs`, wall milliseconds: it goes on. Absent: it is over, and what is concluded of it stays. */
export function snapshotOf(incident: IncidentState, farm: TellingFarm, nowMs?: number): Incident {
  const { closed, share } = incident
  const found = culpritOf(incident, farm.nodes)
  const culprit: Culprit = closed === undefined ? found : { ...found, ...closed }
  const probes = share.failed + share.good
  return {
    id: incident.id,
    farm: farm.name,
    impact: incident.impact,
    openedMs: incident.openedMs,
    closedMs: nowMs === undefined ? incident.lastMs : null,
    maintenance: farm.inMaintenance(incident.openedMs),
    checks: [...incident.checks],
    errors: { ...incident.errors },
    usersMs: incident.users === undefined ? null : { ...incident.users },
    probes,
    failed: share.failed,
    failedShare: probes === 0 ? 0 : share.failed / probes,
    nodes: partsOf(incident, (node) => ownCause(incident, node)),
    node: culprit.node,
    cause: culprit.cause,
    confidence: culprit.confidence,
    why: groundsFor(incident, culprit),
    summary: closed?.summary ?? `${summaryOf(incident, culprit, farm, nowMs)}.`,
    ...cureFor(culprit),
    amended: [...incident.amended],
  }
}
