/** Counts what monitors conclude. */
import { type BalancerError, type FarmEvent, type Recycle, type Verdict, verdicts } from '../model/event.ts'
import { subjectKey, targetKey } from '../model/outcome.ts'
import { add, type Cells, cellOf, histogram, set } from './cells.ts'
import { withRole } from './keys.ts'
import type { Store } from './record_store.ts'

const cell = {
  recycles: cellOf('farmprobe_recycles_total'),
  lastRecycle: cellOf('farmprobe_last_recycle_timestamp_seconds'),
  crosschecked: cellOf('farmprobe_crosscheck_recycles_total'),
  outages: cellOf('farmprobe_outages_total'),
  attributed: cellOf('farmprobe_balancer_errors_attributed_total'),
  verdict: cellOf('farmprobe_verdict'),
  maintenance: cellOf('farmprobe_in_maintenance'),
  deploys: cellOf('farmprobe_deploys_total'),
}

const firstRequest = histogram('farmprobe_first_request_seconds')
const outageLength = histogram('farmprobe_outage_seconds')

/** Shows one verdict as the present one. */
export function showVerdict(cells: Cells, present: Verdict): void {
  for (const verdict of verdicts) set(cells, cell.verdict(verdict), verdict === present ? 1 : 0)
}

/** Counts events in the store; what belongs to a target, node or check that is gone counts nowhere. */
export function recordInto(store: Store): (event: FarmEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'recycle':
        return recordRecycle(store, event)
      case 'first_request':
        return firstRequest(store.find('subject', subjectKey(withRole(event))), event.firstByteMs / 1000)
      case 'outage_opened':
        return add(store.find('subject', subjectKey(event)), cell.outages(event.reason), 1)
      case 'outage_closed':
        return outageLength(store.find('target', targetKey(event)), event.lengthMs / 1000)
      case 'verdict':
        return showVerdict(store.find('check', `${event.farm}\n${event.check}`), event.verdict)
      case 'balancer_error':
        return add(blamed(store, event), cell.attributed(event.cause), 1)
      case 'deploy':
        return add(store.find('farm', event.farm), cell.deploys(), 1)
      case 'maintenance':
        return set(store.find('farm', event.farm), cell.maintenance(), event.active ? 1 : 0)
      case 'crosscheck':
        return add(store.find('target', targetKey(withRole(event))), cell.crosschecked(event.seen), 1)
      case 'habit':
      // The gauge of exporters follows every reading, not only the changes that are told.
      case 'exporter':
        return undefined
    }
  }
}

function recordRecycle(store: Store, event: Recycle): void {
  const cells = store.find('target', targetKey(withRole(event)))
  add(cells, cell.recycles(event.evidence), 1)
  set(cells, cell.lastRecycle(), event.atMs / 1000)
}

/** An error of which the culprit is gone stays an error: it is counted, as unknown. */
function blamed(store: Store, { farm, node }: BalancerError): Cells {
  return store.find('blamed', `${farm}\n${node}`) ?? store.find('blamed', `${farm}\nunknown`)
}
