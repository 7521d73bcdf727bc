/** An incident in one sentence that a manager understands. */
import { formatSpan } from '../../runtime/duration.ts'
import type { Culprit } from './culprit_of.ts'
import type { IncidentState } from './incident_state.ts'

/** The farm as far as the sentence depends on it. */
export interface Told {
  readonly farm: string
  /** Some check asks the balancer: only then is it known what users notice. */
  readonly asksBalancer: boolean
}

/** Without a full stop. `nowMs` is given while it goes on, wall milliseconds. */
export function summaryOf(incident: IncidentState, culprit: Culprit, told: Told, nowMs?: number): string {
  return incident.users === undefined
    ? hidden(incident, culprit, told, nowMs)
    : felt(incident, incident.users, culprit, told, nowMs)
}

function felt(
  { errors, share, nodes, recycles }: IncidentState,
  users: { readonly fromMs: number; readonly toMs: number },
  culprit: Culprit,
  { farm }: Told,
  nowMs: number | undefined,
): string {
  const counts = Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${count} × ${codeWords(code)}`)
    .join(', ')
  const { failed, good } = share
  const part = shareWords(failed, failed + good)
  const isKnown = culprit.node !== 'unknown' || nowMs === undefined
  const why = isKnown ? did({ nodes, recycles }, culprit) : 'who caused it is not known yet'
  if (nowMs !== undefined) {
    const span = formatSpan(Math.max(0, nowMs - users.fromMs))
    return capital(`${part}requests to ${farm} have failed for ${span} (${counts}): ${why}`)
  }
  return `For ${formatSpan(users.toMs - users.fromMs)} ${part}requests to ${farm} failed (${counts}): ${why}`
}

function hidden(
  { nodes, recycles, openedMs, lastMs }: IncidentState,
  culprit: Culprit,
  { farm, asksBalancer }: Told,
  nowMs: number | undefined,
): string {
  const noticed = asksBalancer ? 'users noticed nothing' : 'no check says whether users noticed'
  const why = did({ nodes, recycles }, culprit)
  if (nowMs !== undefined)
    return `On ${farm}, ${why} (${formatSpan(Math.max(0, nowMs - openedMs))} so far); ${noticed}`
  return `For ${formatSpan(lastMs - openedMs)} on ${farm}, ${why}; ${noticed}`
}

/** What the culprit did, as a clause in the past tense. */
function did(
  { nodes, recycles }: Pick<IncidentState, 'nodes' | 'recycles'>,
  { node, nodes: names, cause, all }: Culprit,
): string {
  const own = nodes.filter((each) => names.includes(each.node))
  const who = all ? 'every node' : listed(names)
  const longestMs = own.reduce((most, each) => Math.max(most, each.stallMs, each.firstRequestMs), 0)
  const [first] = own
  const reasons = new Set(
    recycles.flatMap(({ node: name, why }) => (why && names.includes(name) ? [why] : [])),
  )
  const reason = reasons.size === 1 ? `: ${[...reasons][0]}` : ''
  if (node === 'unknown') return 'nobody can be blamed for sure'
  switch (cause) {
    case 'recycle':
      return `${who} recycled${names.length === 1 && first !== undefined && howWords[first.how] ? ` and ${howWords[first.how]}` : ''}${reason}`
    case 'cold_start':
      return `${who} ${names.length > 1 ? 'were' : 'was'} starting cold${longestMs > 0 ? `, ${formatSpan(longestMs)}` : ''}${reason}`
    case 'node_down':
      if (all || names.length !== 1 || first === undefined)
        return `${who} ${names.length > 1 && !all ? 'were' : 'was'} down`
      return `${who} ${howWords[first.how] ?? (first.how === '' ? 'was down' : `answered ${first.how}`)}`
    case 'timeout':
      return `${who} ${names.length > 1 ? 'were' : 'was'} slower than the balancer waits`
    case 'balancer':
      return 'the balancer failed, while every node answered well'
    case 'link':
      return `the balancer could not reach ${who}, while ${who} itself answered`
    case 'stale_connection':
      return `the balancer used a connection again that ${who === '' ? 'a node' : who} had closed`
    case 'overload':
      return `${who} had more requests than ${names.length > 1 ? 'they' : 'it'} could take`
    case 'unknown':
      return longestMs > 0
        ? `${who} answered nobody for ${formatSpan(longestMs)}`
        : `${who} failed, and why is not known`
  }
}

/** `how` of a node that failed, where it is no status code. */
const howWords: Readonly<Record<string, string>> = {
  dns: 'could not be found by its name',
  refused: 'refused connections',
  unreachable: 'could not be reached',
  connect_timeout: 'accepted no connection in time',
  tls: 'failed in TLS',
  reset: 'broke connections',
  closed: 'closed connections without an answer',
  protocol: 'did not speak HTTP',
  first_byte_timeout: 'did not answer in time',
  body_timeout: 'did not finish its answers in time',
  truncated: 'broke off its answers',
  too_large: 'answered more than is expected',
  header: 'answered with wrong headers',
  body: 'answered with wrong content',
  warming: 'was warming up',
  slow: 'was too slow',
  redirect: 'led elsewhere',
}

const codeWords = (code: string): string => (/^\d+$/.test(code) ? code : code.replaceAll('_', ' '))

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
