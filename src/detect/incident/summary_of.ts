/** An incident in one sentence that a manager understands. */
import { failureCounts } from '../../model/failure_words.ts'
import { formatSpan } from '../../runtime/duration.ts'
import { greatest } from '../../runtime/extremes.ts'
import type { Culprit } from './culprit_of.ts'
import type { IncidentState, TellingFarm } from './incident_state.ts'

/** Below this, what is concluded of the culprit is told as probable. */
const sure = 0.9

/** Without a full stop. `nowMs` is given while it goes on, wall milliseconds. */
export function summaryOf(
  incident: IncidentState,
  culprit: Culprit,
  { name, asksBalancer }: Pick<TellingFarm, 'name' | 'asksBalancer'>,
  nowMs?: number,
): string {
  const { users, openedMs, lastMs, errors, share } = incident
  const { fromMs, toMs } = users ?? { fromMs: openedMs, toMs: lastMs }
  const lengthMs = Math.max(0, (nowMs ?? toMs) - fromMs)
  const span = formatSpan(lengthMs)
  const isOpen = nowMs !== undefined
  if (users === undefined) {
    const noticed = asksBalancer ? 'users noticed nothing' : 'no check says whether users noticed'
    const why = did(incident, culprit, lengthMs)
    return isOpen
      ? `On ${name}, ${why} (${span} so far); ${noticed}`
      : `For ${span} on ${name}, ${why}; ${noticed}`
  }
  const requests = `${shareWords(share.failed, share.failed + share.good)}requests to ${name}`
  const isKnown = culprit.node !== 'unknown'
  const why = isKnown || !isOpen ? did(incident, culprit) : 'who caused it is not known yet'
  const because = isKnown && culprit.confidence < sure ? ', probably because' : ':'
  const rest = `(${failureCounts(errors)})${because} ${why}`
  return isOpen
    ? `${capital(requests)} have failed for ${span} ${rest}`
    : `For ${span} ${requests} failed ${rest}`
}

/** What the culprit did, as a clause in the past tense; how long, where that says more than that it lasted `toldMs`. */
function did(
  { nodes, recycles }: IncidentState,
  { node, nodes: names, cause, all }: Culprit,
  toldMs = Number.POSITIVE_INFINITY,
): string {
  if (node === 'unknown') return 'nobody can be blamed for sure'
  const own = nodes.filter((each) => names.includes(each.node))
  const who = all ? 'every node' : listed(names)
  const isPlural = names.length > 1 && !all
  const be = isPlural ? 'were' : 'was'
  const longestMs = greatest(
    own.map(({ stallMs, firstRequestMs }) => Math.max(stallMs, cause === 'unknown' ? 0 : firstRequestMs)),
  )
  const isTold = longestMs > 0 && longestMs < 0.9 * toldMs
  const length = isTold ? `${isPlural ? 'up to ' : ''}${formatSpan(longestMs)}` : ''
  const how = shared(names.map((name) => own.find((each) => each.node === name)?.how)) ?? ''
  const failed = howWords[how]?.replace(/^was /, `${be} `)
  const ends = recycles.flatMap(({ node: name, why }) => (why && names.includes(name) ? [why] : []))
  const end = shared(ends)
  const reason = end === undefined ? '' : `: ${end}`
  switch (cause) {
    case 'recycle':
      return `${who} recycled${failed === undefined ? '' : ` and ${failed}`}${reason}`
    case 'cold_start':
      return `${who} ${be} starting cold${length && `, ${length}`}${reason}`
    case 'node_down':
      return `${who} ${failed ?? (how === '' ? 'failed' : `answered ${how}`)}`
    case 'timeout':
      return `${who} ${be} slower than the balancer waits`
    case 'balancer':
      return 'the balancer failed, while every node answered'
    case 'link':
      return `the balancer could not reach ${who}, which answered directly`
    case 'stale_connection':
      return `the balancer used a connection again that ${who === '' ? 'a node' : who} had closed`
    case 'overload':
      return `${who} had more requests than ${isPlural ? 'they' : 'it'} could take`
    case 'unknown':
      return longestMs > 0
        ? `${who} answered nobody${length && ` for ${length}`}`
        : `${who} failed, and why is not known`
  }
}

/** What all have in common; undefined where they differ. */
const shared = <T>([first, ...others]: readonly T[]): T | undefined =>
  others.every((each) => each === first) ? first : undefined

/** `how` of a node that failed, where it is no status code. */
const howWords: Readonly<Record<string, string>> = {
  dns: 'could not be found by name',
  refused: 'refused connections',
  unreachable: 'could not be reached',
  connect_timeout: 'accepted no connection in time',
  tls: 'failed in TLS',
  reset: 'broke connections',
  closed: 'closed connections without an answer',
  protocol: 'did not speak HTTP',
  first_byte_timeout: 'did not answer in time',
  body_timeout: 'did not finish answers in time',
  truncated: 'broke off answers',
  too_large: 'answered more than expected',
  header: 'answered with wrong headers',
  body: 'answered with wrong content',
  warming: 'was warming up',
  slow: 'was too slow',
  redirect: 'redirected elsewhere',
}

/** `web01`, `web01 and web02`, `web01, web02 and web03`. */
function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.length} nodes`
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** So few say nothing about a share. */
const fewest = 3

const fractions = [
  { upTo: 0.29, from: 0.21, words: 'a quarter of the ' },
  { upTo: 0.38, from: 0.29, words: 'a third of the ' },
  { upTo: 0.55, from: 0.45, words: 'half of the ' },
  { upTo: 0.71, from: 0.62, words: 'two thirds of the ' },
  { upTo: 0.8, from: 0.71, words: 'three quarters of the ' },
] as const

/** The share of the requests in words; empty where it is not known well. Most is never rounded to all. */
function shareWords(failed: number, probes: number): string {
  if (failed === 0 || probes < fewest) return ''
  if (failed === probes) return 'all '
  const part = failed / probes
  const fraction = fractions.find(({ from, upTo }) => part >= from && part < upTo)
  return fraction?.words ?? `${Math.min(99, Math.max(1, Math.round(100 * part)))} % of the `
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
