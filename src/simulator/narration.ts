import { formatDuration } from '../runtime/duration.ts'
import type {
  BalancerErrorTruth,
  FirstRequestTruth,
  OutageKind,
  OutageTruth,
  RecycleCause,
  RecycleTruth,
  TruthEvent,
} from './farm/true_events.ts'

/** What the simulated farm did, in one sentence without a full stop. */
export function narrate(event: TruthEvent): string {
  return (sentences[event.kind] as (event: TruthEvent) => string)(event)
}

type Sentences = {
  readonly [Kind in TruthEvent['kind']]: (event: Extract<TruthEvent, { kind: Kind }>) => string
}

const sentences: Sentences = {
  recycle: narrateRecycle,
  first_request: narrateFirstRequest,
  idle: (event) =>
    `${poolOf(event)} had nothing to do and was ${event.action === 'terminate' ? 'stopped' : 'paged out'}`,
  outage: narrateOutage,
  shutdown_notice: (event) =>
    `${event.node} shuts its old application down; for ${lengthOf(event)} some requests get an error`,
  balancer_error: narrateBalancerError,
  rotation: ({ node, inRotation }) =>
    inRotation ? `the balancer sends requests to ${node} again` : `the balancer took ${node} out of rotation`,
  weather: (event) =>
    `the network is slow for ${lengthOf(event)}: about ${formatDuration(event.addMs)} more for every target`,
  stall: (event) => `the prober stands still for ${lengthOf(event)}`,
  deploy: ({ nodes }) => `a new version goes to ${nodes.join(', ')}, one after the other`,
}

const lengthOf = ({ atMs, toMs }: { atMs: number; toMs: number }) => formatDuration(toMs - atMs)

const poolOf = ({ node, app }: { node: string; app: string }) =>
  app === '/' ? `${node}'s pool` : `${node}'s pool of ${app}`

const causeWords: Readonly<Record<RecycleCause, string>> = {
  idle: 'asked for after an idle stop',
  time: 'recycle timer',
  schedule: 'recycled by the clock',
  requests: 'request limit',
  crash: 'after a crash',
  deploy: 'new version',
  demand: 'recycled by hand',
  config: 'configuration change',
}

function narrateRecycle(event: RecycleTruth): string {
  const period = event.periodMs === undefined ? '' : `, every ${formatDuration(event.periodMs)}`
  const cost = event.preloaded
    ? 'preloaded, so nobody will notice'
    : `its first request will take ${formatDuration(event.coldMs)}`
  return `${poolOf(event)} starts a new worker (${causeWords[event.cause]}${period}); ${cost}`
}

const senders = { probe: 'farmprobe', user: 'a user', health: "the balancer's health check" } as const

function narrateFirstRequest({ node, path, of, from, ms }: FirstRequestTruth): string {
  const waits = `${senders[from]} waits ${formatDuration(ms)}`
  if (of === 'worker') return `${node}'s new worker gets its first request, ${path}: ${waits}`
  if (of === 'wake') return `${node}'s sleeping worker is woken by a request for ${path}: ${waits}`
  return `${node}'s worker is asked for ${path} for the first time: ${waits}`
}

const outageWords: Readonly<Record<OutageKind, string>> = {
  refused: 'refuses connections',
  reset: 'resets connections',
  closed: 'closes connections without an answer',
  unanswered: 'takes requests and never answers',
  unreachable: 'cannot be reached',
  garbage: 'answers nonsense',
  status_500: 'answers 500',
  app_offline: 'is behind app_offline.htm',
  pool_disabled: 'has its pool disabled by rapid-fail protection',
  queue_full: 'has more requests waiting for its cold worker than the queue holds',
  gateway: 'recycles its own pool and answers errors',
}

function narrateOutage(event: OutageTruth): string {
  const who = event.target === 'balancer' ? 'the balancer' : event.target
  return `${who} ${outageWords[event.how]} for ${lengthOf(event)}`
}

function narrateBalancerError(event: BalancerErrorTruth): string {
  const what =
    event.status === 0 ? 'was not answered by the balancer' : `got ${event.status} from the balancer`
  const blame =
    event.node === 'balancer' ? 'its own doing' : `because of ${event.node}, ${event.cause.replace('_', ' ')}`
  return `a probe ${what} after ${formatDuration(event.firstByteMs)}: ${blame}`
}
