/** Counts what monitors conclude. */
import { type FarmEvent, type IncidentEvent, type Verdict, verdicts } from '../model/event.ts'
import { impacts } from '../model/incident.ts'
import type { SeriesWriter } from './cells.ts'
import { exemplar } from './exemplars.ts'
import type { Store } from './record_store.ts'

export function showVerdict({ set }: SeriesWriter, farm: string, check: string, present: Verdict): void {
  for (const verdict of verdicts)
    set('farmprobe_verdict', { farm, check, verdict }, verdict === present ? 1 : 0)
}

export function countEvent(store: Store, series: SeriesWriter, event: FarmEvent): void {
  const { add, set } = series
  switch (event.kind) {
    case 'recycle':
      add('farmprobe_recycles_total', event)
      return set('farmprobe_last_recycle_timestamp_seconds', event, event.atMs / 1000)
    case 'stall':
      add('farmprobe_stalls_total', event)
      return add('farmprobe_stall_seconds', event, event.lengthMs / 1000)
    case 'first_request': {
      const { firstByteMs, traceId, atMs } = event
      if (event.userFirst) return add('farmprobe_first_requests_unseen_total', event)
      const seen = exemplar(traceId, atMs + firstByteMs)
      return add('farmprobe_first_request_seconds', event, firstByteMs / 1000, seen)
    }
    case 'outage_opened':
      return add('farmprobe_outages_total', event)
    case 'outage_closed':
      return add('farmprobe_outage_seconds', event, event.lengthMs / 1000)
    case 'verdict':
      return showVerdict(series, event.farm, event.check, event.verdict)
    case 'balancer_error':
      return add('farmprobe_balancer_errors_attributed_total', withKnownNode(store, event))
    case 'link':
      return event.state === 'failing' ? add('farmprobe_link_failures_total', event) : undefined
    case 'deploy':
      return add('farmprobe_deploys_total', event)
    case 'maintenance':
      return set('farmprobe_in_maintenance', event, event.active ? 1 : 0)
    case 'crosscheck': {
      const { farm, target, inside, late } = event
      if (inside?.was && late !== 'outside')
        add('farmprobe_was_recycles_total', { farm, target, reason: inside.was.reason })
      return late ? undefined : add('farmprobe_crosscheck_recycles_total', event)
    }
    case 'incident_opened':
    case 'incident_closed':
      return countIncident(store, series, event)
    case 'habit':
    case 'identity':
    // The gauge of exporters follows every reading, not only the changes that are reported.
    case 'exporter':
      return undefined
  }
}

/** What a culprit that is gone has done stays done: it is counted, as unknown. */
const withKnownNode = <Blamed extends { readonly farm: string; readonly node: string }>(
  store: Store,
  blamed: Blamed,
): Blamed =>
  store.find('blamed', `${blamed.farm}\n${blamed.node}`) === undefined
    ? { ...blamed, node: 'unknown' }
    : blamed

/** What becomes known of a closed incident later does not change how it was counted. */
function countIncident(store: Store, { add, set }: SeriesWriter, { kind, snapshot }: IncidentEvent): void {
  const { farm, impact, node, cause, openedMs, closedMs, amended } = snapshot
  if (kind === 'incident_opened') {
    for (const each of impacts)
      set('farmprobe_incident_open', { farm, impact: each }, each === impact ? 1 : 0)
    if (impact === 'users') add('farmprobe_incidents_opened_total', { farm, impact })
    return
  }
  if (amended.length > 0) return
  set('farmprobe_incident_open', { farm, impact }, 0)
  if (impact === 'hidden') add('farmprobe_incidents_opened_total', { farm, impact })
  add('farmprobe_incidents_total', withKnownNode(store, { farm, impact, node, cause }))
  add('farmprobe_incident_seconds', { farm, impact }, ((closedMs ?? openedMs) - openedMs) / 1000)
}
