/** The words and shapes for what the API says in codes. Every state has a shape of its own: colour is never alone. */
import { h } from './dom.js'

export const verdictWords = {
  ok: 'All is well',
  masked: 'Users are served, but a node fails',
  node_fault: 'Users see errors, and nodes fail',
  balancer_fault: 'Users see errors: the balancer is at fault',
  farm_down: 'Nothing answers',
}

/** How bad a verdict is: it decides colour and shape. */
export const verdictTone = {
  ok: 'ok',
  masked: 'slow',
  node_fault: 'bad',
  balancer_fault: 'bad',
  farm_down: 'bad',
}

const reasonWords = {
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
  header: 'wrong header',
  body: 'wrong content',
  warming: 'warming up',
  redirect: 'led elsewhere',
  internal: 'our own fault',
}

/** Why a probe failed, in two words: the status code says most where it is the reason. */
export const failureWords = ({ reason, status }) =>
  reason === 'status' ? `answered ${status}` : (reasonWords[reason] ?? reason)

/** What a reason means without its status. */
export const reasonWord = (reason) => (reason === 'status' ? 'error status' : (reasonWords[reason] ?? reason))

export const kindWords = {
  recycle: 'Recycles',
  first_request: 'First requests',
  outage_opened: 'Outages begin',
  outage_closed: 'Outages end',
  verdict: 'Verdicts',
  balancer_error: 'Balancer errors',
  deploy: 'Deploys',
  habit: 'Habits',
  maintenance: 'Maintenance',
  crosscheck: 'Cross-checks',
  exporter: 'Exporters',
  mark: 'Marks',
  blind: 'Blind spells',
}

const shapes = {
  ok: 'M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11z',
  slow: 'M8 1.800L15 14H1z',
  bad: 'M2.500 2.500h11v11h-11z',
  unknown:
    'M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11zM8 4.300a3.700 3.700 0 1 1 0 7.400a3.700 3.700 0 1 1 0-7.400z',
  recycle: 'M8 1l7 7-7 7-7-7z',
  first_request: 'M8 1l7 7-7 7-7-7zM8 4.200L4.200 8 8 11.800 11.800 8z',
  outage_opened: 'M2.500 2.500h11v11h-11z',
  outage_closed: 'M2.500 2.500h11v11h-11zM4.500 4.500v7h7v-7z',
  verdict: 'M1 3h14v10H1z',
  balancer_error: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  deploy: 'M8 1l6 6h-4v8H6V7H2z',
  habit:
    'M8 1.500a6.500 6.500 0 1 0 6.500 6.500h-2a4.500 4.500 0 1 1-1.500-3.400L9 6.600h5.500V1.100l-2 2A6.500 6.500 0 0 0 8 1.500z',
  maintenance: 'M2 6.500h12v3H2z',
  crosscheck: 'M5.500 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM10.500 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z',
  exporter: 'M2 2h12v4H2zM2 7h12v3H2zM2 11h12v3H2z',
  mark: 'M3 1h2v14H3zM6 2h8l-2.500 3L14 8H6z',
  blind: 'M1 7h4v2H1zM6 7h4v2H6zM11 7h4v2h-4z',
}

const marks = {
  ok: 'M5.200 8.200l2 2 3.600-4.200',
  slow: 'M8 6.200v4M8 11.300v1.400',
  bad: 'M5.500 5.500l5 5M10.500 5.500l-5 5',
}

/** A small shape; its meaning is said by the text beside it. */
export function shape(name, tone = name) {
  const drawing = h('svg', { viewBox: '0 0 16 16', class: 'shape', 'data-tone': tone, 'aria-hidden': 'true' })
  drawing.append(h('path', { d: shapes[name] ?? shapes.unknown, 'fill-rule': 'evenodd' }))
  if (marks[name] !== undefined) drawing.append(h('path', { d: marks[name], class: 'on' }))
  return drawing
}

/** The tone of an event in a list. */
export function eventTone(event) {
  if (event.kind === 'verdict') return verdictTone[event.verdict] ?? 'unknown'
  if (event.kind === 'outage_opened' || event.kind === 'balancer_error') return 'bad'
  if (event.kind === 'first_request') return event.reason === 'ok' ? 'recycle' : 'bad'
  if (event.kind === 'outage_closed') return 'ok'
  if (event.kind === 'crosscheck') return event.seen === 'both' ? 'ok' : 'slow'
  if (event.kind === 'exporter') return event.up ? 'ok' : 'slow'
  if (event.kind === 'recycle') return 'recycle'
  return 'unknown'
}
