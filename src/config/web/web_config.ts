/** Reads the file that `web.config_file` names, in the format of Prometheus's exporter toolkit. */
import { dirname, resolve } from 'node:path'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { prometheusTlsVersions } from '../../model/tls_version.ts'
import { tlsMistake } from '../farm/inline_or_file_secrets.ts'
import { inFileOrder, type Problem } from '../yaml/problem.ts'
import { type Reading, startReading } from '../yaml/reading.ts'
import { type ReadText, readTextFile } from '../yaml/text_file.ts'
import { readTree } from '../yaml/tree.ts'
import { validate } from '../yaml/validate.ts'
import { type ClientAuthType, cipherSuites, curves } from './tls_names.ts'
import { type WrittenTls, type WrittenWebFile, webFileSchema } from './web_schema.ts'

/** How our own pages are protected, proved valid. */
export interface WebConfig {
  /** Absent: plain HTTP. */
  readonly tls?: {
    readonly context: SecureContextOptions
    /** HTTP/2 beside HTTP/1.1. */
    readonly http2: boolean
    readonly clientAuth: Exclude<ClientAuthType, 'RequireClientCert'>
    /** One of them must be in the certificate of a client. */
    readonly allowedSans?: readonly string[]
  }
  /** Set on every response. */
  readonly headers: Readonly<Record<string, string>>
  /** The bcrypt hash of each user's password; empty: nobody is asked who they are. */
  readonly users: ReadonlyMap<string, string>
  readonly rateLimit?: { readonly intervalMs: number; readonly burst: number }
}

export type WebConfigResult = {
  /** Every file that was looked at, by its absolute path: a change of one is a change of the whole. */
  readonly files: readonly string[]
} & (
  | { readonly ok: true; readonly config: WebConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
)

/** Reads a web configuration file and the files that it names. Never rejects because of what they hold. */
export async function loadWebConfig(path: string): Promise<WebConfigResult> {
  const files: string[] = []
  const read: ReadText = (file) => {
    files.push(file)
    return readTextFile(file)
  }
  const whole = (message: string): WebConfigResult => ({
    ok: false,
    files,
    problems: [{ file: path, line: 0, column: 0, path: '', message }],
  })
  const result = await read(resolve(path))
  if (!('text' in result)) return whole(`cannot be read: ${result.why}; web.config_file names it`)
  // Hashes are full of dollars: there are no references to the environment here, as there are none in the toolkit.
  const { tree, problems: unreadable } = readTree(result.text, path, undefined)
  if (unreadable.length > 0) return { ok: false, files, problems: unreadable }
  // A file that is just being written must not take the locks off.
  if (tree.value === null) return whole('the file is empty; write {} if nothing is to be protected')
  const { value, problems: invalid } = validate(webFileSchema, tree)
  const reading = startReading(tree, dirname(resolve(path)), read)
  const config = value === undefined ? undefined : await build(value, reading)
  const problems = [...invalid, ...reading.problems].sort(inFileOrder)
  if (problems.length > 0 || config === undefined) return { ok: false, files, problems }
  return { ok: true, files, config, warnings: reading.warnings }
}

async function build(written: WrittenWebFile, reading: Reading): Promise<WebConfig> {
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = written
  const rateLimit = buildRateLimit(written, reading)
  const builtTls = tls === undefined ? undefined : await buildTls(tls, http?.http2 ?? true, reading)
  const headers = Object.entries(http?.headers ?? {}).filter(([, text]) => text !== '')
  return {
    ...(builtTls !== undefined && { tls: builtTls }),
    headers: Object.fromEntries(headers) as Record<string, string>,
    users: users ?? new Map(),
    ...(rateLimit !== undefined && { rateLimit }),
  }
}

function buildRateLimit({ rate_limit: limit }: WrittenWebFile, reading: Reading): WebConfig['rateLimit'] {
  const { interval: intervalMs = 0, burst = 0 } = limit ?? {}
  if (intervalMs === 0) return undefined
  if (burst === 0)
    reading.problem(['rate_limit'], 'a burst of 0 refuses every request; write burst: 1 or more')
  return { intervalMs, burst }
}

const inTls = (key: string) => ['tls_server_config', key]

const pemKeys = ['cert', 'key', 'client_ca'] as const

async function buildTls(tls: WrittenTls, http2: boolean, reading: Reading): Promise<WebConfig['tls']> {
  for (const key of pemKeys)
    if (reading.tree.has(inTls(key)) && reading.tree.has(inTls(`${key}_file`)))
      reading.problem(inTls(`${key}_file`), `${key} and ${key}_file exclude each other; keep one`)
  if (reading.isEmpty(['tls_server_config'])) return undefined
  const cert = await pemOf(tls, 'cert', reading)
  const key = await pemOf(tls, 'key', reading)
  const ca = await pemOf(tls, 'client_ca', reading)
  for (const name of ['cert', 'key'])
    if (!reading.tree.has(inTls(name)) && !reading.tree.has(inTls(`${name}_file`)))
      reading.problem(['tls_server_config'], `no ${name}; write ${name}_file or ${name}`)
  reportClientRules(tls, reading)
  const context: SecureContextOptions = {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
    ...handshakeOptions(tls, reading),
  }
  const mistake = tlsMistake(ca, cert, key) ?? contextMistake(context)
  if (mistake !== undefined) reading.problem(['tls_server_config'], mistake.replace(/^ca /, 'client_ca '))
  const auth = tls.client_auth_type ?? 'NoClientCert'
  return {
    context,
    http2,
    clientAuth: auth === 'RequireClientCert' ? 'RequireAnyClientCert' : auth,
    ...(tls.client_allowed_sans !== undefined && { allowedSans: tls.client_allowed_sans }),
  }
}

async function pemOf(
  tls: WrittenTls,
  key: (typeof pemKeys)[number],
  reading: Reading,
): Promise<string | undefined> {
  const file = tls[`${key}_file`]
  return file === undefined ? tls[key] : reading.readBeside(file, inTls(`${key}_file`))
}

/** What the toolkit refuses, and what it lets pass although it lets more clients in than was meant. */
function reportClientRules(tls: WrittenTls, reading: Reading): void {
  const { client_auth_type: auth = 'NoClientCert', client_allowed_sans: sans } = tls
  const ca = ['client_ca_file', 'client_ca'].find((key) => reading.tree.has(inTls(key)))
  const requires = auth.startsWith('Require')
  if (ca !== undefined && auth === 'NoClientCert')
    reading.problem(
      inTls(ca),
      `${ca} without client_auth_type, so that no client is asked for a certificate; write client_auth_type: ` +
        'RequireAndVerifyClientCert',
    )
  if (sans !== undefined && !requires)
    reading.problem(
      inTls('client_allowed_sans'),
      `client_allowed_sans with client_auth_type ${auth}, which lets clients in without a certificate; write ` +
        'client_auth_type: RequireAndVerifyClientCert',
    )
  if (ca === undefined && auth.includes('Verify'))
    reading.warn(
      inTls('client_auth_type'),
      `${auth} without client_ca_file: whatever certificate a public authority signed is accepted; name your own`,
    )
  if (auth === 'RequireAnyClientCert' || auth === 'RequireClientCert')
    reading.warn(
      inTls('client_auth_type'),
      `${auth} accepts certificates that anybody made; write RequireAndVerifyClientCert`,
    )
}

function handshakeOptions(tls: WrittenTls, reading: Reading): SecureContextOptions {
  const { min_version: min = 'TLS12', max_version: max = 'TLS13', cipher_suites: suites } = tls
  if (min > max)
    reading.problem(
      inTls(tls.min_version === undefined ? 'max_version' : 'min_version'),
      `min_version ${min} is newer than max_version ${max}; exchange them`,
    )
  // OpenSSL 3 offers TLS before 1.2 only at this level, whatever the version asked for.
  const level = min < 'TLS12' ? ':@SECLEVEL=0' : ''
  const ofTls12 = suites?.map((suite) => cipherSuites[suite]).filter((suite) => suite !== undefined)
  const ciphers = ofTls12 === undefined ? (level === '' ? undefined : 'DEFAULT') : ofTls12.join(':')
  return {
    minVersion: prometheusTlsVersions[min],
    maxVersion: prometheusTlsVersions[max],
    honorCipherOrder: tls.prefer_server_cipher_suites ?? true,
    ...(ciphers !== undefined && { ciphers: `${tls13Suites}${ciphers === '' ? '' : `:${ciphers}`}${level}` }),
    ...(tls.curve_preferences !== undefined && {
      ecdhCurve: tls.curve_preferences.map((curve) => curves[curve]).join(':'),
    }),
  }
}

/** Node offers of TLS 1.3 what the list names, and the toolkit always everything. */
const tls13Suites = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

function contextMistake(context: SecureContextOptions): string | undefined {
  try {
    createSecureContext(context)
    return undefined
  } catch (error) {
    return `OpenSSL does not accept these settings: ${(error as Error).message.replace(/^.*:/, '').trim()}`
  }
}
