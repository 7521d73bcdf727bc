/** The keys of `auth` and of `tls`, which checks and cross-checks have alike. */
import { tlsVersions } from '../../model/tls_version.ts'
import { mapping } from './mapping.ts'
import { optional, type Part, required } from './part.ts'
import { choice, flag, oneLine, text } from './scalars.ts'

const right = 'write the name of a file; a relative one starts at the configuration file'

const written = oneLine(right)

/** The name of a file, as its absolute path. */
export const fileName: Part<string> = {
  ...written,
  read(raw, path, reading) {
    const misplaced = whatElse(raw)
    if (misplaced !== undefined) {
      reading.problem(path, `${misplaced}, not the name of a file; ${right}`)
      return undefined
    }
    const name = written.read(raw, path, reading)
    return name === undefined ? undefined : reading.beside(name)
  },
}

/** What belongs into a file, or beside the key of its name: it may be a secret, and is not shown. */
function whatElse(raw: unknown): string | undefined {
  if (typeof raw !== 'string') return undefined
  if (/-----BEGIN |[\r\n]/.test(raw)) return 'what a file should hold'
  return /^https?:\/\//i.test(raw) ? 'a URL' : undefined
}

const secret = text('put the secret in quotes, or its file beside it', { secret: true, kind: 'secret' })

const basicKeys = mapping(
  {
    username: required(oneLine('write the user name'), 'The user name.', { example: 'probe' }),
    password: optional(secret, 'The password.', { example: '${PROBE_PASSWORD}' }),
    password_file: optional(fileName, 'A file with the password.', {
      as: 'passwordFile',
      example: 'secrets/password',
    }),
  },
  { exclusive: [['password', 'password_file']] },
)

const headerKeys = {
  basic: optional(basicKeys, 'HTTP basic authentication: `username` with `password` or `password_file`.'),
  bearer: optional(secret, 'A bearer token.', { example: '${PROBE_TOKEN}' }),
  bearer_file: optional(fileName, 'A file with the bearer token.', {
    as: 'bearerFile',
    example: 'secrets/token',
  }),
}

export const authKeys = mapping(headerKeys, { exclusive: [['bearer', 'bearer_file', 'basic']] })

const ntlmKeys = mapping(
  {
    user: required(
      oneLine('write the user with its domain, such as DOM\\probe'),
      'The user, with its domain.',
      {
        example: 'DOM\\probe',
      },
    ),
    password: optional(secret, 'The password.', { example: '${PROBE_PASSWORD}' }),
    password_file: optional(fileName, 'A file with the password.', {
      as: 'passwordFile',
      example: 'secrets/password',
    }),
  },
  { exclusive: [['password', 'password_file']] },
)

const negotiateKeys = mapping({
  principal: required(oneLine('write the principal, such as probe@EXAMPLE.ORG'), 'The Kerberos principal.', {
    example: 'probe@EXAMPLE.ORG',
  }),
  keytab_file: required(
    fileName,
    'A keytab with the keys of the principal; one file for all checks, as it may hold several principals.',
    { as: 'keytabFile', example: 'secrets/probe.keytab' },
  ),
})

/** Of checks, which can also make the handshakes of Windows authentication. */
export const checkAuthKeys = mapping(
  {
    ...headerKeys,
    ntlm: optional(
      ntlmKeys,
      'NTLM, version 2, by a handshake on the connection of the probe: `user` with `password` or `password_file`.',
    ),
    negotiate: optional(
      negotiateKeys,
      'Kerberos: `principal` and `keytab_file`. It takes the npm package `kerberos` beside farmprobe.',
    ),
  },
  { exclusive: [['bearer', 'bearer_file', 'basic', 'ntlm', 'negotiate']] },
)

const pem = text('write the PEM text, or the name of its file in the key beside it', { kind: 'PEM text' })

export const tlsKeys = mapping(
  {
    ca: optional(pem, 'Certificates to trust instead of the public ones.'),
    ca_file: optional(fileName, 'A file with the certificates to trust.', {
      as: 'caFile',
      example: 'tls/ca.pem',
    }),
    cert: optional(pem, 'The client certificate, with its chain.'),
    cert_file: optional(fileName, 'A file with the client certificate.', {
      as: 'certFile',
      example: 'tls/probe.pem',
    }),
    key: optional(secret, "The client certificate's private key, unencrypted."),
    key_file: optional(fileName, 'A file with the private key.', { as: 'keyFile', example: 'tls/probe.key' }),
    insecure: optional(flag, 'Accept any certificate, and weak keys; its expiry is still measured.', {
      default: false,
    }),
    min_version: optional(choice(tlsVersions), 'The oldest version of TLS to accept.', {
      as: 'minVersion',
      default: 'TLSv1.2',
    }),
  },
  {
    exclusive: [
      ['ca', 'ca_file'],
      ['cert', 'cert_file'],
      ['key', 'key_file'],
    ],
  },
)
