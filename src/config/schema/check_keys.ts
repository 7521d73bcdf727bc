/**
 * The keys of a check, and of `defaults`. Each stands here and nowhere else: how it is read, what holds when it is left
 * out, what it means, and the property of `Check` that it becomes.
 */

import { either } from './collections.ts'
import { authKeys, fileName, tlsKeys } from './credential_keys.ts'
import { cron, timezone } from './cron_and_timezone.ts'
import { headerPatterns, method, path, requestHeaders, statusRanges } from './http_values.ts'
import { looseMapping, mapping } from './mapping.ts'
import { optional, type Part, required, type Settled, value, type Written } from './part.ts'
import { each, patterns, texts } from './patterns.ts'
import { choice, duration, flag, integer, name, off, size, text } from './scalars.ts'

const bodyKeys = mapping({
  contains: optional(texts, 'Texts that the body must contain, all of them.', {
    standard: [],
    example: ['Welcome'],
  }),
  not_contains: optional(texts, 'Texts that the body must not contain.', {
    as: 'notContains',
    standard: [],
    example: ['Service Unavailable'],
  }),
  match: optional(patterns, 'Regular expressions that must match the body, all of them.', {
    standard: [],
    example: ['v\\d+'],
  }),
  not_match: optional(patterns, 'Regular expressions that must not match the body.', {
    as: 'notMatch',
    standard: [],
    example: ['Exception'],
  }),
  min_bytes: optional(size, 'The shortest body that is accepted, after decompression.', {
    as: 'minBytes',
    standard: 0,
    example: 1,
  }),
  max_bytes: optional(
    size,
    'The longest body that is accepted; no more is read, before or after decompression.',
    { as: 'maxBytes', standard: '1MiB' },
  ),
})

const warmingKeys = mapping({
  contains: optional(texts, 'Texts of the splash page; any of them gives it away.', {
    standard: [],
    example: 'starting up',
  }),
  match: optional(patterns, 'Regular expressions for the splash page; any of them gives it away.', {
    standard: [],
  }),
})

const expectKeys = mapping({
  status: optional(statusRanges, 'Accepted status codes and ranges.', {
    standard: ['200-399'],
    example: ['200-299', 401],
  }),
  body: optional(bodyKeys, 'What the body must be like.', { standard: {} }),
  headers: optional(
    headerPatterns,
    'Regular expressions for headers of the answer; each must be there and match.',
    { standard: {}, example: { 'Content-Type': 'text/html' } },
  ),
  warming: optional(
    warmingKeys,
    'How to tell a splash page shown while the application starts: the reason is then `warming`, whatever the status.',
  ),
})

const burstKeys = mapping({
  interval: optional(duration({ min: '10ms' }), 'The time between two probes of a burst.', {
    as: 'intervalMs',
    standard: '250ms',
  }),
  for: optional(
    duration({ min: '10ms', max: '1h' }),
    'A burst ends when the trouble does, at the latest after this.',
    { as: 'forMs', standard: '30s' },
  ),
})

const roles: Part<readonly ('balancer' | 'node')[]> = value({
  json: {
    anyOf: [
      { enum: ['balancer', 'nodes'] },
      { type: 'array', minItems: 1, items: { enum: ['balancer', 'nodes'] } },
    ],
  },
  kind: 'list of `balancer` and `nodes`',
  right: 'write [balancer, nodes], [balancer] or [nodes]',
  read: (raw, wrong) => {
    if (Array.isArray(raw) && raw.length === 0) return wrong('an empty list')
    return each(raw, wrong, (item, wrongItem) => {
      if (item === 'balancer') return 'balancer'
      return item === 'nodes' ? 'node' : wrongItem('not a kind of target')
    })
  },
})

const what = {
  path: optional(path, 'The path to request, with its query.', { standard: '/', example: '/health?full=1' }),
  method: optional(method, 'The method of the request.', { standard: 'GET', example: 'HEAD' }),
  headers: optional(requestHeaders, 'Headers to send besides Host and our own.', {
    standard: {},
    example: { Accept: 'text/html' },
  }),
  body: optional(text('write the body as a text, in quotes', { secret: true }), 'The body to send.', {
    example: '{"ping":1}',
  }),
  body_file: optional(fileName, 'A file that holds the body to send, as UTF-8.', {
    as: 'bodyFile',
    example: 'bodies/order.json',
  }),
  auth: optional(authKeys, 'The credentials to send: `basic`, `bearer` or `bearer_file`.'),
  tls: optional(
    tlsKeys,
    "How to speak TLS; certificates are always checked against the name in the farm's `url`.",
    { standard: {} },
  ),
}

const when = {
  interval: optional(
    duration({ min: '10ms', max: '31d' }),
    'The time between two probes of a target; every farm has its own fixed grid.',
    { as: 'intervalMs', standard: '5s', unless: 'cron' },
  ),
  cron: optional(cron({ seconds: true }), 'When to probe, instead of `interval`.', {
    example: '0 */4 * * *',
  }),
  timezone: optional(timezone, 'The time zone of `cron`.', { standard: 'UTC', example: 'Europe/London' }),
  canary: optional(
    flag,
    'Counts the probes in the `canary` lane: with a `cron` whose gaps are longer than the idle time-out of the ' +
      'application pool it measures real cold starts.',
    { standard: false, example: true },
  ),
  timeout: optional(
    duration({ min: '1ms', max: '1h' }),
    'The longest a probe may take; it may be longer than the interval, so that a slow first request is measured ' +
      'to its end.',
    { as: 'timeoutMs', standard: '30s' },
  ),
  overlap: optional(
    integer({ min: 1, max: 1000 }),
    'Probes of one target in flight at most; a slot beyond that is counted as missed.',
    { standard: 4 },
  ),
  burst: optional(
    either(off('a burst', '{ interval: 250ms, for: 30s }'), burstKeys),
    'The faster probes after a failure or a suspicious answer, until it is over; `off` for none. Left out, there ' +
      'is no burst for a canary, nor for an interval that is no longer than that of the burst.',
    { standard: {} },
  ),
}

const how = {
  connection: optional(choice(['fresh', 'reuse']), 'Open a connection for every probe, or keep one.', {
    standard: 'fresh',
    example: 'reuse',
  }),
  cache_bust: optional(
    flag,
    'Add a query parameter that is unique to the probe, so that most caches cannot answer.',
    { as: 'cacheBust', standard: true, example: false },
  ),
  redirects: optional(
    choice(['none', 'pinned']),
    'Take a redirect as the answer, or follow it as long as it stays on the site, always to the same target.',
    { standard: 'none', example: 'pinned' },
  ),
  targets: optional(roles, 'What to probe.', { standard: ['balancer', 'nodes'], example: ['nodes'] }),
  expect: optional(expectKeys, 'What makes an answer a good one.', { standard: {} }),
}

const settings = { ...what, ...when, ...how }

const rules = {
  exclusive: [
    ['interval', 'cron'],
    ['body', 'body_file'],
  ],
} as const

/** `defaults`: any key of a check but its name. */
export const defaultsKeys = mapping(settings, rules)

export const checkKeys = looseMapping(
  {
    name: required(name, 'The name of the check, unique in its farm.', { example: 'home' }),
    ...settings,
  },
  rules,
)

/** A check as written: what is missing or wrong is absent. */
export type WrittenCheck = Written<typeof defaultsKeys>

/** A check with its defaults. */
export type SettledCheck = Settled<typeof defaultsKeys>
