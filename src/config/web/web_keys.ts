/** The keys of a web configuration file, in the format of Prometheus's exporter toolkit. */
import { prometheusTlsVersions } from '../../model/tls_version.ts'
import { parseDurationMs } from '../../runtime/duration.ts'
import { fileName } from '../schema/credential_keys.ts'
import { mapping } from '../schema/mapping.ts'
import { optional, type Part, type Settled, value } from '../schema/part.ts'
import { each } from '../schema/patterns.ts'
import { choice, flag, fromText, integer, readText, text } from '../schema/scalars.ts'
import { isMapping } from '../yaml/tree.ts'

/** In the toolkit's words; `RequireClientCert` is an older one for `RequireAnyClientCert`. */
export const clientAuthTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const

export const curves = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
} as const

/** Those that Go considers secure. Naming a suite of TLS 1.3 has no effect: all of them are always offered, in Go as here. */
export const cipherSuites = {
  TLS_AES_128_GCM_SHA256: undefined,
  TLS_AES_256_GCM_SHA384: undefined,
  TLS_CHACHA20_POLY1305_SHA256: undefined,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
} as const

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] =>
  Object.keys(record) as Key[]

const pem = (secret: boolean) =>
  text('write it in PEM form, with `|` before its lines', { secret, kind: 'PEM' })

/** A list of names, each one of a choice. */
function names<const T extends string>(known: readonly T[]): Part<readonly T[]> {
  return value({
    json: { type: 'array', items: { enum: known } },
    kind: 'names',
    right: `write a list of ${known.join(', ')}`,
    read: (raw, wrong) =>
      each(raw, wrong, (item, wrongItem) => known.find((name) => name === item) ?? wrongItem('not known')),
  })
}

const sans: Part<readonly string[]> = value({
  json: { type: 'array', items: { type: 'string' } },
  kind: 'names',
  right: 'write a list of DNS names, IP addresses, e-mail addresses or URIs',
  read: (raw, wrong) =>
    each(raw, wrong, (item, wrongItem) => (item === '' ? wrongItem('empty') : readText(item, wrongItem))),
})

const tlsVersion = choice(keysOf(prometheusTlsVersions))

const tlsKeys = mapping(
  {
    cert: optional(pem(false), 'The certificate of the server.'),
    key: optional(pem(true), 'Its key.'),
    client_ca: optional(pem(false), "The authority that signs clients' certificates."),
    cert_file: optional(fileName, 'A file with the certificate.'),
    key_file: optional(fileName, 'A file with its key.'),
    client_ca_file: optional(fileName, 'A file with the authority.'),
    client_auth_type: optional(choice(clientAuthTypes), 'What is asked of clients.', {
      default: 'NoClientCert',
    }),
    client_allowed_sans: optional(sans, 'Names of which one must be in the certificate of a client.'),
    min_version: optional(tlsVersion, 'The oldest version of TLS.', { default: 'TLS12' }),
    max_version: optional(tlsVersion, 'The newest version of TLS.', { default: 'TLS13' }),
    cipher_suites: optional(names(keysOf(cipherSuites)), 'For TLS before 1.3.'),
    prefer_server_cipher_suites: optional(flag, 'The order of the server decides.', { default: true }),
    curve_preferences: optional(names(keysOf(curves)), 'For the exchange of keys, the first preferred.'),
  },
  {
    exclusive: [
      ['cert', 'cert_file'],
      ['key', 'key_file'],
      ['client_ca', 'client_ca_file'],
    ],
  },
)

/** A response header, of whose values some may be all that is allowed. */
function header(...allowed: readonly string[]) {
  const part: Part<string> = value({
    json: allowed.length === 0 ? { type: 'string' } : { enum: ['', ...allowed] },
    kind: 'text',
    right: allowed.length === 0 ? 'write one line of text' : `write ${allowed.join(' or ')}`,
    read: fromText((written, wrong) => {
      if (!/^[\x20-\x7e]*$/.test(written)) return wrong('a text with control characters')
      return written === '' || allowed.length === 0 || allowed.includes(written)
        ? written
        : wrong('not allowed')
    }),
  })
  return optional(part, 'The header of this name, on every response.')
}

const httpKeys = mapping({
  http2: optional(flag, 'HTTP/2 beside HTTP/1.1, over TLS.', { default: true }),
  headers: optional(
    mapping({
      'Strict-Transport-Security': header(),
      'X-Content-Type-Options': header('nosniff'),
      'X-Frame-Options': header('deny', 'sameorigin'),
      'X-XSS-Protection': header(),
      'Content-Security-Policy': header(),
    }),
    'Headers of every response.',
    { default: {} },
  ),
})

/** A hash as htpasswd makes it: `$2y$10$…`. */
const bcryptHash = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/

const users: Part<ReadonlyMap<string, string>> = value({
  json: { type: 'object', additionalProperties: { type: 'string' } },
  kind: 'users with their hashes',
  right: 'write user names with bcrypt hashes, such as `htpasswd -nBC 10 "" | tr -d \':\\n\'` makes them',
  secret: true,
  read: (raw, wrong) => {
    if (!isMapping(raw)) return wrong('not a mapping')
    const found = new Map<string, string>()
    for (const [name, hash] of Object.entries(raw))
      if (name.includes(':'))
        wrong('a user name with a colon, where the password would begin', undefined, [name])
      else if (typeof hash !== 'string' || !bcryptHash.test(hash)) wrong('no bcrypt hash', undefined, [name])
      else found.set(name, hash)
    return found
  },
})

const interval: Part<number> = value({
  json: { anyOf: [{ type: 'string' }, { const: 0 }] },
  kind: 'duration',
  right: 'write a number and a unit, such as 100ms or 1s, or 0 for no limit',
  read: (raw, wrong) => {
    if (raw === 0 || raw === '0') return 0
    return (typeof raw === 'string' ? parseDurationMs(raw) : undefined) ?? wrong('not a duration')
  },
})

const rateLimitKeys = mapping({
  interval: optional(interval, 'The time between two requests in the long run.', {
    as: 'intervalMs',
    default: 0,
  }),
  burst: optional(integer({ min: 0, max: 1_000_000 }), 'How many may come at once.', { default: 0 }),
})

export const webFileKeys = mapping({
  tls_server_config: optional(tlsKeys, 'TLS.', { as: 'tls' }),
  http_server_config: optional(httpKeys, 'HTTP.', { as: 'http', default: {} }),
  basic_auth_users: optional(
    users,
    'Who may read and change everything, with the bcrypt hashes of their passwords.',
    { as: 'users', default: {} },
  ),
  rate_limit: optional(rateLimitKeys, 'How many requests are answered, from all clients together.', {
    as: 'rateLimit',
    default: {},
  }),
})

export type SettledWebFile = Settled<typeof webFileKeys>
export type SettledTls = Settled<typeof tlsKeys>
