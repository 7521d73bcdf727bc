/**
 * The words for what the API states in codes. Each table names every code there is: a new one does not compile until
 * it has its words.
 */
import type { Verdict } from '../../../model/event.ts'
import type { Lane, Phase, Reason } from '../../../model/outcome.ts'
import type { FeedEntry } from '../state/feed.ts'

/** How good or bad something is: it decides colour and shape. */
export type Tone = 'ok' | 'slow' | 'bad' | 'recycle' | 'unknown'

/** A higher severity is worse. */
export const verdictMeanings: Readonly<Record<Verdict, { tone: Tone; severity: number }>> = {
  ok: { tone: 'ok', severity: 0 },
  unknown: { tone: 'unknown', severity: 1 },
  masked: { tone: 'slow', severity: 2 },
  node_fault: { tone: 'bad', severity: 3 },
  balancer_fault: { tone: 'bad', severity: 4 },
  farm_down: { tone: 'bad', severity: 5 },
}

const reasonWords: Readonly<Record<Reason, string>> = {
  ok: 'ok',
  dns: 'name not found',
  refused: 'refused',
  unreachable: 'unreachable',
  connect_timeout: 'no connection',
  tls: 'TLS failed',
  reset: 'reset',
  closed: 'closed early',
  protocol: 'not HTTP',
  first_byte_timeout: 'no answer in time',
  body_timeout: 'body too slow',
  truncated: 'cut off',
  too_large: 'too large',
  status: 'error status',
  auth: 'asks for credentials',
  header: 'wrong header',
  body: 'wrong content',
  warming: 'warming up',
  slow: 'too slow',
  redirect: 'led elsewhere',
  internal: 'our own fault',
}

/** Why a probe failed, in two or three words. Where the reason is a status code that is given, the words name it. */
export const failureWords = (reason: Reason, status?: number): string =>
  reason === 'status' && status !== undefined ? `answered ${status}` : reasonWords[reason]

/** Failures by reason: `2 × refused, 1 × reset`. */
export const failureCounts = (failures: Readonly<Partial<Record<Reason, number>>>): string =>
  (Object.entries(failures) as [Reason, number][])
    .sort(([, a], [, b]) => b - a)
    .map(([reason, number]) => `${number} × ${failureWords(reason)}`)
    .join(', ')

/** In the order in which they happen. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  resolve: 'name',
  connect: 'connect',
  tls: 'TLS',
  request: 'send',
  wait: 'wait',
  transfer: 'receive',
}

/** Why a probe ran, as the beginning of a phrase; scheduled probes are the usual case and not mentioned. */
export const laneWords: Readonly<Record<Lane, string>> = {
  tick: '',
  burst: 'burst, ',
  sweep: 'sweep, ',
  canary: 'canary, ',
}

/** Why a worker ended, and who says so. */
export const wasWords = ({ what, id }: { readonly what: string; readonly id: number }): string =>
  `${what} (WAS ${id})`

export type FeedKind = FeedEntry['kind']

/** The plural of each kind of entry, and the tone of the kind as a whole. */
export const kindMeanings: Readonly<Record<FeedKind, { words: string; tone: Tone }>> = {
  recycle: { words: 'Recycles', tone: 'recycle' },
  stall: { words: 'Stalls', tone: 'slow' },
  first_request: { words: 'First requests', tone: 'recycle' },
  outage_opened: { words: 'Outages begin', tone: 'bad' },
  outage_closed: { words: 'Outages end', tone: 'ok' },
  verdict: { words: 'Verdicts', tone: 'slow' },
  balancer_error: { words: 'Balancer errors', tone: 'bad' },
  link: { words: 'Links', tone: 'bad' },
  deploy: { words: 'Deploys', tone: 'unknown' },
  habit: { words: 'Habits', tone: 'unknown' },
  identity: { words: 'Identities', tone: 'slow' },
  maintenance: { words: 'Maintenance', tone: 'unknown' },
  crosscheck: { words: 'Cross-checks', tone: 'slow' },
  exporter: { words: 'Exporters', tone: 'slow' },
  incident_opened: { words: 'Incidents begin', tone: 'bad' },
  incident_closed: { words: 'Incidents end', tone: 'ok' },
  mark: { words: 'Marks', tone: 'unknown' },
  blind: { words: 'Blind spells', tone: 'unknown' },
}

export const feedKinds = Object.keys(kindMeanings) as readonly FeedKind[]

/** The tone of one entry, which may differ from the tone of its kind. */
export function entryTone(entry: FeedEntry): Tone {
  if (entry.kind === 'verdict') return verdictMeanings[entry.verdict].tone
  if (entry.kind === 'first_request' && entry.reason !== 'ok') return 'bad'
  if (entry.kind === 'crosscheck' && entry.seen === 'both') return 'ok'
  if (entry.kind === 'exporter' && entry.up) return 'ok'
  if (entry.kind === 'link' && entry.state !== 'failing') return entry.state === 'ok' ? 'ok' : 'slow'
  return kindMeanings[entry.kind].tone
}
