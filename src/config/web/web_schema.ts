/** The keys of a web configuration file, in the format of Prometheus's exporter toolkit. */
import type * as z from 'zod'
import { prometheusTlsVersions } from '../../model/tls_version.ts'
import { parseDurationMs } from '../../runtime/duration.ts'
import { fileName } from '../schema/check_schema.ts'
import { each } from '../schema/patterns.ts'
import { choice, flag, integer, readText, text } from '../schema/scalars.ts'
import { isMapping, mapping, optional, type Part, value } from '../schema/schema_parts.ts'
import {
  type CipherSuite,
  cipherSuites,
  clientAuthTypes,
  curves,
  keysOf,
  type SettableHeader,
  settableHeaders,
} from './tls_names.ts'

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

const tlsSchema = mapping({
  cert: optional(pem(false), 'The certificate of the server.'),
  key: optional(pem(true), 'Its key.'),
  client_ca: optional(pem(false), "The authority that signs clients' certificates."),
  cert_file: optional(fileName, 'A file with the certificate.'),
  key_file: optional(fileName, 'A file with its key.'),
  client_ca_file: optional(fileName, 'A file with the authority.'),
  client_auth_type: optional(choice(clientAuthTypes), 'What is asked of clients.'),
  client_allowed_sans: optional(sans, 'Names of which one must be in the certificate of a client.'),
  min_version: optional(tlsVersion, 'The oldest version of TLS.'),
  max_version: optional(tlsVersion, 'The newest version of TLS.'),
  cipher_suites: optional(names<CipherSuite>(keysOf(cipherSuites)), 'For TLS before 1.3.'),
  prefer_server_cipher_suites: optional(flag, 'The order of the server decides.'),
  curve_preferences: optional(names(keysOf(curves)), 'For the exchange of keys, the first preferred.'),
})

function header(name: SettableHeader): Part<string> {
  const allowed: readonly string[] = settableHeaders[name]
  return value({
    json: allowed.length === 0 ? { type: 'string' } : { enum: ['', ...allowed] },
    kind: 'text',
    right: allowed.length === 0 ? 'write one line of text' : `write ${allowed.join(' or ')}`,
    read: (raw, wrong) => {
      const written = readText(raw, wrong)
      if (written === undefined || written === '') return written
      if (!/^[\x20-\x7e]*$/.test(written)) return wrong('a text with control characters')
      return allowed.length === 0 || allowed.includes(written) ? written : wrong('not allowed')
    },
  })
}

const httpSchema = mapping({
  http2: optional(flag, 'HTTP/2 beside HTTP/1.1, over TLS.'),
  headers: optional(
    mapping({
      'Strict-Transport-Security': optional(header('Strict-Transport-Security'), ''),
      'X-Content-Type-Options': optional(header('X-Content-Type-Options'), ''),
      'X-Frame-Options': optional(header('X-Frame-Options'), ''),
      'X-XSS-Protection': optional(header('X-XSS-Protection'), ''),
      'Content-Security-Policy': optional(header('Content-Security-Policy'), ''),
    }),
    'Headers of every response.',
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

export const webFileSchema = mapping({
  tls_server_config: optional(tlsSchema, 'TLS.'),
  http_server_config: optional(httpSchema, 'HTTP.'),
  basic_auth_users: optional(
    users,
    'Who may read and change everything, with the bcrypt hashes of their passwords.',
  ),
  rate_limit: optional(
    mapping({
      interval: optional(interval, 'The time between two requests in the long run.'),
      burst: optional(integer({ min: 0, max: 1_000_000 }), 'How many may come at once.'),
    }),
    'How many requests are answered, whoever they come from.',
  ),
})

type Written<T> = NonNullable<z.output<T & z.ZodType>>

export type WrittenWebFile = Written<typeof webFileSchema>
export type WrittenTls = Written<typeof tlsSchema>
