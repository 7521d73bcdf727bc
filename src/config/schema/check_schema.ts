/** The keys of a check, and of `defaults`. */
import * as z from 'zod'
import { tlsVersions } from '../../model/tls_version.ts'
import { builtInCheck as standard } from './built_in_defaults.ts'
import { cron, timezone } from './cron_and_timezone.ts'
import { headerPatterns, method, path, requestHeaders, statusRanges } from './http_values.ts'
import { each, patterns, texts } from './patterns.ts'
import { choice, duration, flag, integer, name, off, oneLine, size, text } from './scalars.ts'
import { mapping, optional, type Part, required, value } from './schema_parts.ts'

export const fileName = oneLine('write the name of a file; a relative one starts at the configuration file')

const secret = text('put the secret in quotes, or its file beside it', { secret: true, kind: 'secret' })

export const auth = mapping({
  basic: optional(
    mapping({
      username: required(oneLine('write the user name'), 'The user name.', 'probe'),
      password: optional(secret, 'The password.', { example: '${PROBE_PASSWORD}' }),
      password_file: optional(fileName, 'A file that holds the password.', { example: 'secrets/password' }),
    }),
    'HTTP basic authentication: `username` with `password` or `password_file`.',
  ),
  bearer: optional(secret, 'A bearer token.', { example: '${PROBE_TOKEN}' }),
  bearer_file: optional(fileName, 'A file that holds the bearer token.', { example: 'secrets/token' }),
})

const pem = text('write the PEM text, or the name of its file in the key beside it', { kind: 'PEM text' })

export const tls = mapping({
  ca: optional(pem, 'Certificates to trust instead of the public ones.'),
  ca_file: optional(fileName, 'A file with the certificates to trust.', { example: 'tls/ca.pem' }),
  cert: optional(pem, 'The client certificate, with its chain.'),
  cert_file: optional(fileName, 'A file with the client certificate.', { example: 'tls/probe.pem' }),
  key: optional(secret, "The client certificate's private key, not encrypted."),
  key_file: optional(fileName, 'A file with the private key.', { example: 'tls/probe.key' }),
  insecure: optional(flag, 'Accept any certificate; a probe still measures its expiry.', {
    standard: standard.tls.insecure,
  }),
  min_version: optional(choice(tlsVersions), 'The oldest version of TLS to accept.', {
    standard: standard.tls.min_version,
  }),
})

const body = mapping({
  contains: optional(texts, 'Texts that the body must contain, all of them.', { example: ['Welcome'] }),
  not_contains: optional(texts, 'Texts that the body must not contain.', {
    example: ['Service Unavailable'],
  }),
  match: optional(patterns, 'Regular expressions that must match the body, all of them.', {
    example: ['v\\d+'],
  }),
  not_match: optional(patterns, 'Regular expressions that must not match the body.', {
    example: ['Exception'],
  }),
  min_bytes: optional(size, 'The shortest body that is accepted, after decompression.', {
    standard: standard.expect.body.min_bytes,
    example: 1,
  }),
  max_bytes: optional(
    size,
    'The longest body that is accepted; no more is read, before or after decompression.',
    {
      standard: standard.expect.body.max_bytes,
    },
  ),
})

const expect = mapping({
  status: optional(statusRanges, 'Accepted status codes and ranges.', {
    standard: standard.expect.status,
    example: ['200-299', 401],
  }),
  body: optional(body, 'What the body must be like.'),
  headers: optional(
    headerPatterns,
    'Regular expressions for headers of the answer; each must be there and match.',
    {
      example: { 'Content-Type': 'text/html' },
    },
  ),
  warming: optional(
    mapping({
      contains: optional(texts, 'Texts of the splash page; any of them gives it away.', {
        example: 'starting up',
      }),
      match: optional(patterns, 'Regular expressions for the splash page; any of them gives it away.'),
    }),
    'How to tell a splash page shown while the application starts: the reason is then `warming`, whatever the status.',
  ),
})

const burst = z.union([
  off('a burst', '{ interval: 250ms, for: 30s }'),
  mapping({
    interval: optional(duration({ min: '10ms' }), 'The time between two probes of a burst.', {
      standard: standard.burst.interval,
    }),
    for: optional(
      duration({ min: '10ms', max: '1h' }),
      'A burst ends when the trouble does, at the latest after this.',
      {
        standard: standard.burst.for,
      },
    ),
  }),
])

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
  path: optional(path, 'The path to request, with its query.', {
    standard: standard.path,
    example: '/health?full=1',
  }),
  method: optional(method, 'The method of the request.', { standard: standard.method, example: 'HEAD' }),
  headers: optional(requestHeaders, 'Headers to send besides Host and our own.', {
    example: { Accept: 'text/html' },
  }),
  body: optional(text('write the body as a text, in quotes', { secret: true }), 'The body to send.', {
    example: '{"ping":1}',
  }),
  body_file: optional(fileName, 'A file that holds the body to send, as UTF-8.', {
    example: 'bodies/order.json',
  }),
  auth: optional(auth, 'The credentials to send: `basic`, `bearer` or `bearer_file`.'),
  tls: optional(
    tls,
    "How to speak TLS; certificates are always checked against the name in the farm's `url`.",
  ),
}

const when = {
  interval: optional(
    duration({ min: '10ms', max: '31d' }),
    'The time between two probes of a target; every farm has its own fixed grid.',
    { standard: standard.interval },
  ),
  cron: optional(cron({ seconds: true }), 'When to probe, instead of `interval`.', {
    example: '0 */4 * * *',
  }),
  timezone: optional(timezone, 'The time zone of `cron`.', {
    standard: standard.timezone,
    example: 'Europe/London',
  }),
  canary: optional(
    flag,
    'Counts the probes in the `canary` lane: with a `cron` whose gaps are longer than the idle time-out of the ' +
      'application pool it measures real cold starts.',
    { standard: standard.canary, example: true },
  ),
  timeout: optional(
    duration({ min: '1ms', max: '1h' }),
    'The longest a probe may take; it may be longer than the interval, so that a slow first request is measured ' +
      'to its end.',
    { standard: standard.timeout },
  ),
  overlap: optional(
    integer({ min: 1, max: 1000 }),
    'Probes of one target in flight at most; a slot beyond that is counted as missed.',
    { standard: standard.overlap },
  ),
  burst: optional(
    burst,
    'The faster probes after a failure or a suspicious answer, until it is over; `off` for none. Left out, there ' +
      'is no burst for a canary, nor for an interval that is no longer than that of the burst.',
  ),
}

const how = {
  connection: optional(choice(['fresh', 'reuse']), 'Open a connection for every probe, or keep one.', {
    standard: standard.connection,
    example: 'reuse',
  }),
  cache_bust: optional(
    flag,
    'Add a query parameter that is unique to the probe, so that most caches cannot answer.',
    {
      standard: standard.cache_bust,
      example: false,
    },
  ),
  redirects: optional(
    choice(['none', 'pinned']),
    'Take a redirect as the answer, or follow it as long as it stays on the site, always to the same target.',
    { standard: standard.redirects, example: 'pinned' },
  ),
  targets: optional(roles, 'What to probe.', { standard: standard.targets, example: ['nodes'] }),
  expect: optional(expect, 'What makes an answer a good one.'),
}

const settings = { ...what, ...when, ...how }

const checkName = required(name, 'The name of the check, unique in its farm.', 'home')

/** `defaults`: any key of a check but its name. */
export const defaultsSchema = mapping(settings)

export const checkSchema = mapping({ name: checkName, ...settings })

/** A check as written: whatever is missing or wrong is undefined. */
export type WrittenCheck = NonNullable<z.output<typeof defaultsSchema>>
