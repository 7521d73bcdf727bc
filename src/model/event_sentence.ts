/** The sentence for each event, in the words an operator would use. */
import { formatDuration } from '../runtime/duration.ts'
import type {
  Crosschecked,
  FarmEvent,
  IdentityFinding,
  LinkChanged,
  RecycleEvidence,
  Verdict,
} from './event.ts'
import { failureCounts } from './failure_words.ts'
import type { Cause } from './incident.ts'
import type { WorkerCause, WorkerEnd } from './workers.ts'

/** What happened, in one sentence without a full stop; names the farm only where nothing smaller is meant. */
export function sentenceOf(event: FarmEvent): string {
  switch (event.kind) {
    case 'recycle':
      return `${event.target} has a new worker: ${event.because ?? evidenceWords[event.evidence]} (${percent(event.confidence)} sure)`
    case 'stall':
      return `${event.target} answered nobody for ${formatDuration(event.lengthMs)} (${event.probes} probes waited or failed)`
    case 'first_request':
      if (event.userFirst)
        return `${event.target}'s first request on ${event.check} took at least ${formatDuration(event.firstByteMs)}: somebody else may have made it`
      return `${event.target}'s first request on ${event.check} took ${formatDuration(event.firstByteMs)}${
        event.reason === 'ok' ? '' : ` and failed: ${event.reason}`
      }`
    case 'outage_opened':
      return `${event.target} fails on ${event.check}: ${(event.detail || event.reason).replace(/\.$/, '')}`
    case 'outage_closed':
      return `${event.target} is back on ${event.check} after ${formatDuration(event.lengthMs)}: ${failureCounts(event.failures)}`
    case 'verdict':
      return `${event.check}: ${verdictWords[event.verdict]}, after ${formatDuration(event.heldMs)} ${spellWords[event.previous]}`
    case 'balancer_error':
      return `${errorWords(event.status)} from the balancer after ${formatDuration(event.firstByteMs)} on ${event.check}: ${blame(event.node, event.cause, event.suspects)}`
    case 'link':
      return linkWords(event)
    case 'deploy':
      return `probably a deploy: ${event.targets.join(', ')} recycled in turn`
    case 'habit':
      return event.sentence
    case 'identity':
      return event.source === undefined
        ? `identity on ${event.check}: ${identityWords[event.finding](event.target, event.other ?? '')}; until then farmprobe goes without it`
        : `identity on ${event.check}: ${event.source} changes exactly when ${event.target} and the others start; it is used from now on, and always with identity: { ${event.source.replace(' ', ': ')} }`
    case 'maintenance':
      return event.active ? 'maintenance begins' : 'maintenance ends'
    case 'crosscheck':
      return crosschecked(event)
    case 'exporter':
      return event.up
        ? `${event.target}'s windows_exporter can be read again`
        : `${event.target}'s windows_exporter cannot be read: ${event.detail.replace(/\.$/, '')}`
    case 'incident_opened':
      return event.snapshot.summary.replace(/\.$/, '')
    case 'incident_closed':
      return (event.snapshot.amended.at(-1) ?? event.snapshot.summary).replace(/\.$/, '')
  }
}

function linkWords({ target, state, previous, lengthMs, failures, other }: LinkChanged): string {
  if (state === 'failing')
    return `the balancer does not reach ${target} (${failureCounts(failures)}), while ${target} itself answers, and so do others through the balancer`
  if (state === 'elsewhere')
    return `the balancer does not send requests with ${target}'s cookie to ${target}: ${other} answers them, while ${target} itself answers`
  const after = `after ${formatDuration(lengthMs)}`
  return previous === 'failing'
    ? `the balancer reaches ${target} again ${after}: ${failureCounts(failures)}`
    : `the balancer sends requests with ${target}'s cookie to ${target} again ${after}`
}

function crosschecked({ target, seen, inside, outside, late }: Crosschecked): string {
  if (inside === undefined) {
    const evidence = outside === undefined ? '' : ` (${evidenceWords[outside.evidence]})`
    return `farmprobe saw a new worker of ${target}${evidence} that IIS did not count`
  }
  const { was, cause } = inside
  const why = was === undefined ? insideWords[cause] : wasWords(was)
  if (late === 'outside')
    return `the new worker of ${target} shows from outside, too, as is clear by now: ${why}`
  if (late) return `it is known now why ${target} has a new worker: ${why}`
  if (seen === 'inside')
    return was === undefined
      ? `${target} has a new worker that farmprobe did not see: ${why}`
      : `a worker of ${target} ended, which farmprobe did not see: ${why}`
  return `${was === undefined ? 'windows_exporter' : 'WAS'} confirms the new worker of ${target}: ${why}`
}

/** Why a worker ended, and who says so. */
export const wasWords = ({ what, id }: WorkerEnd): string => `${what} (WAS ${id})`

const insideWords: Record<WorkerCause, string> = {
  recycle: 'its pool was recycled',
  crash: 'its worker had crashed',
  ping_failure: 'its worker had not answered a ping of WAS',
  startup_failure: 'a worker had not started in time',
  shutdown_failure: 'its worker had not ended in time',
  start: 'a worker was started',
}

export const evidenceWords: Readonly<Record<RecycleEvidence, string>> = {
  identity: 'its identity changed',
  cold_start: 'one answer was as slow as a cold start, the next ones were quick',
  shutdown_notice: 'it announced its shutdown',
  outage: 'it failed, then answered like a cold start',
}

/** What is wrong, and the remedy. */
const identityWords: Record<IdentityFinding, (node: string, other: string) => string> = {
  constant: () =>
    'the token is the same whatever worker answers, as the number 1 or a name of a machine is; let it combine process and start time (docs/identity.md)',
  shared: (node, other) =>
    `${node} and ${other} show the same token; add the name of the machine to it, unless both are one machine`,
  churning: (node) =>
    `the token of ${node} changes with every answer; choose one that stays as long as the worker does`,
  found: () => 'it is found',
  returning: (node) => `tokens of ${node} come back; add the start time to the number of the process`,
}

const verdictWords: Record<Verdict, string> = {
  ok: 'all is well',
  unknown: 'it is unknown how users are served, since the probes prove nothing',
  masked: 'users are served, but the balancer hides a failing node',
  node_fault: 'users see errors, and nodes fail',
  balancer_fault: 'users see errors though every node is fine: the balancer is at fault',
  farm_down: 'nothing answers',
}

/** How a verdict is named once it is over. */
const spellWords: Record<Verdict, string> = {
  ok: 'without trouble',
  unknown: 'without proof',
  masked: 'of a hidden failure',
  node_fault: 'of errors',
  balancer_fault: 'of errors of the balancer',
  farm_down: 'without an answer',
}

const causeWords: Record<Cause, string> = {
  recycle: 'had just recycled',
  cold_start: 'was starting cold',
  node_down: 'was failing',
  timeout: 'was slower than the balancer waits',
  balancer: 'generated it itself, every node was fine',
  link: 'could not be reached by the balancer, and answered by itself',
  stale_connection: 'had closed the connection that the balancer used again',
  overload: 'had more requests than it could take',
  unknown: 'cannot be blamed for sure',
}

function blame(node: string, cause: Cause, suspects: readonly string[] | undefined): string {
  if (suspects !== undefined)
    return `one of ${suspects.join(', ')} ${cause === 'unknown' ? 'caused it' : causeWords[cause]}`
  if (node === 'unknown') return 'no node can be blamed for sure'
  if (node === 'balancer' && cause === 'stale_connection')
    return 'the balancer probably used a connection again that a node had closed'
  return `${node === 'balancer' ? 'the balancer' : node} ${causeWords[cause]}`
}

const errorWords = (status: number) => (status === 0 ? 'no answer' : `a ${status}`)

const percent = (share: number) => `${Math.round(share * 100)} %`
