/** What the simulated farm did, in one sentence each without a full stop. */
import { formatDuration } from '../runtime/duration.ts'
import type { OutageKind, RecycleCause, TruthEvent } from './farm/true_events.ts'

export function narrate(event: TruthEvent): string {
  return (sentences[event.kind] as (event: TruthEvent) => string)(event)
}

const sentences: {
  readonly [Kind in TruthEvent['kind']]: (event: Extract<TruthEvent, { kind: Kind }>) => string
} = {
  recycle({ node, app, cause, periodMs, preloaded, coldMs }) {
    const period = periodMs === undefined ? '' : `, every ${formatDuration(periodMs)}`
    const cost = preloaded
      ? 'preloaded, so nobody will notice'
      : `its first request will take ${formatDuration(coldMs)}`
    return `${poolOf(node, app)} starts a new worker (${causeWords[cause]}${period}); ${cost}`
  },
  first_request({ node, path, of, from, ms }) {
    const waits = `${senders[from]} waits ${formatDuration(ms)}`
    if (of === 'worker') return `${node}'s new worker gets its first request, ${path}: ${waits}`
    if (of === 'wake') return `${node}'s suspended worker is resumed by a request for ${path}: ${waits}`
    return `${node}'s worker is asked for ${path} for the first time: ${waits}`
  },
  idle: ({ node, app, action }) =>
    `${poolOf(node, app)} had nothing to do and was ${action === 'terminate' ? 'stopped' : 'paged out'}`,
  outage: (event) =>
    `${event.target === 'balancer' ? 'the balancer' : event.target} ${outageWords[event.how]} for ${lengthOf(event)}`,
  shutdown_notice: (event) =>
    `${event.node} shuts its old application down; for ${lengthOf(event)} some requests get an error`,
  balancer_error({ status, node, cause, firstByteMs }) {
    const what = status === 0 ? 'was not answered by the balancer' : `got ${status} from the balancer`
    const blame = node === 'balancer' ? 'its own doing' : `because of ${node}, ${cause.replace('_', ' ')}`
    return `a probe ${what} after ${formatDuration(firstByteMs)}: ${blame}`
  },
  rotation: ({ node, inRotation }) =>
    inRotation ? `the balancer sends requests to ${node} again` : `the balancer took ${node} out of rotation`,
  weather: (event) =>
    `the network is slow for ${lengthOf(event)}: about ${formatDuration(event.addMs)} more for every target`,
  stall: (event) => `the prober does not run for ${lengthOf(event)}`,
  pause: (event) => `${event.node} answered nobody for ${lengthOf(event)} while it collected garbage`,
  deploy: ({ nodes }) => `a new version goes to ${nodes.join(', ')}, one after the other`,
}

const lengthOf = ({ atMs, toMs }: { atMs: number; toMs: number }) => formatDuration(toMs - atMs)

const poolOf = (node: string, app: string) => (app === '/' ? `${node}'s pool` : `${node}'s pool of ${app}`)

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

const senders = { probe: 'farmprobe', user: 'a user', health: "the balancer's health check" } as const

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
