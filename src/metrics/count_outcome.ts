/** Counts outcomes: what every probe runs through, so cells are found beforehand. */
import { type NodeNames, nodeNames } from '../detect/attribution/served_node.ts'
import type { Farm } from '../model/farm.ts'
import {
  codeClass,
  endedMs,
  isSuspect,
  type Outcome,
  type Phase,
  subjectKey,
  targetKey,
} from '../model/outcome.ts'
import { unknownOrigin } from '../origins/origin_of.ts'
import { add, type Cells, cellOf, histogram, set } from './cells.ts'
import { exemplar } from './exemplars.ts'
import type { Store } from './record_store.ts'

const cell = {
  probes: cellOf('farmprobe_probes_total'),
  responses: cellOf('farmprobe_responses_total'),
  up: cellOf('farmprobe_up'),
  statusCode: cellOf('farmprobe_status_code'),
  phaseSeconds: cellOf('farmprobe_phase_seconds_total'),
  gatewayErrors: cellOf('farmprobe_gateway_errors_total'),
  notHonoured: cellOf('farmprobe_affinity_not_honoured_total'),
  servedBy: cellOf('farmprobe_served_by_total'),
  notAfter: cellOf('farmprobe_tls_not_after_timestamp_seconds'),
  suspects: cellOf('farmprobe_suspect_samples_total'),
}

const firstByte = histogram('farmprobe_first_byte_seconds')
const duration = histogram('farmprobe_duration_seconds')
const scheduleLag = histogram('farmprobe_schedule_lag_seconds')

/** Counts outcomes in the store, and in the `own` record what they say of the prober itself. */
export function createOutcomeCounter(store: Store, own: Float64Array) {
  let nodesOf = new Map<string, NodeNames>()

  return {
    /** Sets the nodes that a balancer's answers may name. */
    setFarms(farms: readonly Farm[]): void {
      nodesOf = new Map(farms.map((farm) => [farm.name, nodeNames(farm)]))
    },
    observe(outcome: Outcome): void {
      scheduleLag(own, outcome.lagMs / 1000)
      if (isSuspect(outcome)) add(own, cell.suspects(), 1)
      const subject = store.find('subject', subjectKey(outcome))
      countProbe(subject, outcome)
      if (outcome.role === 'through') return countThrough(subject, outcome)
      set(subject, cell.statusCode(), outcome.status)
      if (outcome.lane === 'tick') countTimes(subject, outcome)
      if (outcome.notAfterMs !== undefined)
        set(store.find('target', targetKey(outcome)), cell.notAfter(), outcome.notAfterMs / 1000)
      if (outcome.role === 'balancer') countServedBy(store, outcome, nodesOf.get(outcome.farm))
    },
  }
}

function countProbe(cells: Cells, { lane, reason, status, origin = unknownOrigin }: Outcome): void {
  add(cells, cell.probes(lane, reason), 1)
  set(cells, cell.up(), reason === 'ok' ? 1 : 0)
  const code = codeClass(status)
  if (code === undefined) return
  add(cells, cell.responses(lane, code), 1)
  if (code === '502' || code === '503' || code === '504')
    add(cells, cell.gatewayErrors(code, origin) ?? cell.gatewayErrors(code, unknownOrigin), 1)
}

/** Of nodes through the balancer less is counted: the balancer and the node have series of their own. */
function countThrough(cells: Cells, { lane, firstByteMs, elsewhere }: Outcome): void {
  if (lane === 'tick' && firstByteMs !== undefined) firstByte(cells, firstByteMs / 1000)
  if (elsewhere !== undefined) add(cells, cell.notHonoured(), 1)
}

function countTimes(cells: Cells, outcome: Outcome): void {
  const { authMs, firstByteMs, totalMs, phaseMs, traceId } = outcome
  if (firstByteMs !== undefined) firstByte(cells, firstByteMs / 1000)
  duration(cells, totalMs / 1000, exemplar(traceId, endedMs(outcome)))
  for (const phase in phaseMs) add(cells, cell.phaseSeconds(phase), (phaseMs[phase as Phase] ?? 0) / 1000)
  if (authMs !== undefined) add(cells, cell.phaseSeconds('auth'), authMs / 1000)
}

/** Only where served_by is configured: elsewhere there is no such series. */
function countServedBy(store: Store, outcome: Outcome, nodes: NodeNames | undefined): void {
  const code = codeClass(outcome.status)
  if (code === undefined || nodes === undefined) return
  const node = outcome.servedBy === undefined ? 'none' : (nodes(outcome.servedBy) ?? 'other')
  add(store.find('served', `${outcome.farm}\n${outcome.check}\n${node}`), cell.servedBy(code), 1)
}
