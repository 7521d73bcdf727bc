/**
 * The keys of a check, and of `defaults`. Each stands here and nowhere else: how it is read, what holds when it is left
 * out, what it means, and the property of `Check` that it becomes.
 */
import type { Role } from '../../model/farm.ts'
import { either } from './collections.ts'
import { checkAuthKeys, fileName, tlsKeys } from './credential_keys.ts'
import { cron, timezone } from './cron_and_timezone.ts'
import { headerPatterns, method, path, requestHeaders, statusRanges } from './http_values.ts'
import { identitySource } from './identity_keys.ts'
import { looseMapping, mapping } from './mapping.ts'
import { optional, type Part, required, type Settled, value, type Written } from './part.ts'
import { each, patterns, texts } from './patterns.ts'
import { choice, duration, flag, integer, name, off, size, text } from './scalars.ts'

const bodyKeys = mapping({
  contains: optional(texts, 'Texts that the body must contain; all are required.', {
    default: [],
    example: ['Welcome'],
  }),
  not_contains: optional(texts, 'Texts that the body must not contain.', {
    as: 'notContains',
    default: [],
    example: ['Service Unavailable'],
  }),
  match: optional(patterns, 'Regular expressions that must match the body; all are required.', {
    default: [],
    example: ['v\\d+'],
  }),
  not_match: optional(patterns, 'Regular expressions that must not match the body.', {
    as: 'notMatch',
    default: [],
    example: ['Exception'],
  }),
  min_bytes: optional(size, 'The shortest body accepted, after decompression.', {
    as: 'minBytes',
    default: 0,
    example: 1,
  }),
  max_bytes: optional(
    size,
    'The longest body accepted, before and after decompression; nothing beyond it is read.',
    { as: 'maxBytes', default: '1MiB' },
  ),
})

const warmingKeys = mapping({
  contains: optional(texts, 'Texts of the splash page; any one of them is enough.', {
    default: [],
    example: 'starting up',
  }),
  match: optional(patterns, 'Regular expressions for the splash page; any one of them is enough.', {
    default: [],
  }),
})

const expectKeys = mapping({
  status: optional(statusRanges, 'Accepted status codes and ranges.', {
    default: ['200-399'],
    example: ['200-299', 401],
  }),
  body: optional(bodyKeys, 'Requirements on the body.', { default: {} }),
  headers: optional(
    headerPatterns,
    'Regular expressions for response headers; each header must be present and match.',
    { default: {}, example: { 'Content-Type': 'text/html' } },
  ),
  duration: optional(
    duration({ min: '1ms', max: '1h' }),
    'The longest the whole probe may take, from the lookup of the name to the last byte of the body, over all its ' +
      'redirects; a good answer that takes longer fails with reason `slow`. It is shorter than the `timeout`.',
    { as: 'durationMs', example: '2s' },
  ),
  warming: optional(
    warmingKeys,
    'Recognises a splash page shown while the application starts: the probe fails with reason `warming`, whatever the status.',
  ),
})

const burstKeys = mapping({
  interval: optional(duration({ min: '10ms' }), 'The time between two probes of a burst.', {
    as: 'intervalMs',
    default: '250ms',
  }),
  for: optional(
    duration({ min: '10ms', max: '1h' }),
    'The longest a burst lasts; it ends as soon as the trouble is over.',
    { as: 'forMs', default: '30s' },
  ),
})

const roles: Part<readonly Role[]> = value({
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
  path: optional(path, 'The path to request, with its query.', { default: '/', example: '/health?full=1' }),
  method: optional(method, 'The method of the request.', { default: 'GET', example: 'HEAD' }),
  headers: optional(requestHeaders, "Headers to send in addition to Host and farmprobe's own.", {
    default: {},
    example: { Accept: 'text/html' },
  }),
  body: optional(text('write the body as a text, in quotes', { secret: true }), 'The body to send.', {
    example: '{"ping":1}',
  }),
  body_file: optional(fileName, 'A file with the body to send, in UTF-8.', {
    as: 'bodyFile',
    example: 'bodies/order.json',
  }),
  auth: optional(
    checkAuthKeys,
    'Credentials to send: `basic`, `bearer`, `bearer_file`, `ntlm` or `negotiate`.',
  ),
  tls: optional(
    tlsKeys,
    "TLS settings; certificates are always verified against the name in the farm's `url`.",
    { default: {} },
  ),
}

const when = {
  interval: optional(
    duration({ min: '10ms', max: '31d' }),
    'The time between two probes of a target; every farm has its own fixed grid.',
    { as: 'intervalMs', default: '5s', unless: 'cron' },
  ),
  cron: optional(cron({ seconds: true }), 'When to probe, instead of at an `interval`.', {
    example: '0 */4 * * *',
  }),
  timezone: optional(timezone, 'The time zone of `cron`.', { default: 'UTC', example: 'Europe/London' }),
  canary: optional(
    flag,
    'Counts the probes in the `canary` lane. With a `cron` whose gaps are longer than the idle time-out of the ' +
      'application pool, they measure real cold starts.',
    { default: false, example: true },
  ),
  timeout: optional(
    duration({ min: '1ms', max: '1h' }),
    'The longest a probe may take. It may exceed the interval, so that a slow first request is measured to its end.',
    { as: 'timeoutMs', default: '30s' },
  ),
  overlap: optional(
    integer({ min: 1, max: 1000 }),
    'The most probes of one target in flight at once; slots beyond that count as missed.',
    { default: 4 },
  ),
  burst: optional(
    either(off('a burst', '{ interval: 250ms, for: 30s }'), burstKeys),
    'Faster probes after a failure or a suspicious answer, until it is over; `off` for none. By default there is no ' +
      'burst for a canary, or for an interval no longer than that of the burst.',
    { default: {} },
  ),
}

const how = {
  connection: optional(
    choice(['fresh', 'reuse']),
    'Open a new connection for every probe, or keep one open.',
    { default: 'fresh', example: 'reuse' },
  ),
  cache_bust: optional(
    flag,
    'Add a query parameter that is unique to each probe, so that most caches cannot answer.',
    { as: 'cacheBust', default: true, example: false },
  ),
  trace: optional(
    flag,
    'Begin a trace with each probe: send a W3C `traceparent` header with a new trace id, marked as sampled, unless `headers` ' +
      'have one. The id is shown with failures, and as an exemplar of the histograms of durations.',
    { default: false, example: true },
  ),
  redirects: optional(
    choice(['none', 'pinned']),
    'Take a redirect as the answer, or follow it while it stays on the site, always to the same target.',
    { default: 'none', example: 'pinned' },
  ),
  identity: optional(
    identitySource,
    "Where an answer shows which worker process gave it, in place of the farm's `identity`.",
    { example: { header: 'X-Worker' } },
  ),
  targets: optional(roles, 'What to probe.', { default: ['balancer', 'nodes'], example: ['nodes'] }),
  expect: optional(expectKeys, 'What a good answer looks like.', { default: {} }),
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
export type WrittenCheck = Written<typeof checkKeys>

export type SettledCheck = Settled<typeof defaultsKeys>
