/** Reads the file that `web.config_file` names, in the format of Prometheus's exporter toolkit. */
import { dirname, resolve } from 'node:path'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { prometheusTlsVersions } from '../../model/tls_version.ts'
import { tlsMistake } from '../farm/credentials.ts'
import { settle } from '../schema/part.ts'
import { fileProblem, inFileOrder, type Problem } from '../yaml/problem.ts'
import { type Reading, startReading } from '../yaml/reading.ts'
import { readTextFile } from '../yaml/text_file.ts'
import { readTree } from '../yaml/tree.ts'
import { cipherSuites, curves, type SettledTls, type SettledWebFile, webFileKeys } from './web_keys.ts'

/** How farmprobe's own pages are protected. */
export type WebConfig = Awaited<ReturnType<typeof build>>

export type WebConfigResult = {
  /** The absolute path of every file that was read: a change of any is a change of the configuration. */
  readonly files: readonly string[]
} & (
  | { readonly ok: true; readonly config: WebConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
)

/** Enough for a thousand users. A change is read while requests wait, and YAML takes a second for half a megabyte. */
const mostBytes = 128 * 1024

/** Reads a web configuration file and the files that it names. Never rejects because of what they hold. */
export async function loadWebConfig(path: string): Promise<WebConfigResult> {
  const files: string[] = []
  const read = (file: string, most?: number) => {
    files.push(file)
    return readTextFile(file, most)
  }
  const whole = (message: string): WebConfigResult => ({
    ok: false,
    files,
    problems: [fileProblem(path, message)],
  })
  const result = await read(resolve(path), mostBytes)
  if (!('text' in result)) return whole(`cannot be read: ${result.why}; web.config_file names it`)
  // Hashes are full of dollars; as in the toolkit, there are no references to the environment.
  const { tree, problems: unreadable } = readTree(result.text, path, undefined)
  if (unreadable.length > 0) return { ok: false, files, problems: unreadable }
  // A file that is just being written must not remove the protection.
  if (tree.value === null) return whole('the file is empty; write {} if nothing is to be protected')
  const reading = startReading(tree, dirname(resolve(path)), (file) => read(file))
  const written = webFileKeys.read(tree.value, [], reading)
  const config = written && (await build(settle(webFileKeys, written), reading))
  const problems = reading.problems.toSorted(inFileOrder)
  if (problems.length > 0 || config === undefined) return { ok: false, files, problems }
  return { ok: true, files, config, warnings: reading.warnings }
}

async function build({ tls, http, users, rateLimit }: SettledWebFile, reading: Reading) {
  const builtTls = tls && (await buildTls(tls, http.http2, reading))
  const { intervalMs, burst } = rateLimit
  const isLimited = intervalMs > 0
  if (isLimited && burst === 0)
    reading.problem(['rate_limit'], 'a burst of 0 refuses every request; write burst: 1 or more')
  const headers = Object.entries(http.headers).filter(([, text]) => text !== '')
  return {
    ...(builtTls !== undefined && { tls: builtTls }),
    headers: Object.fromEntries(headers),
    users,
    ...(isLimited && { rateLimit }),
  }
}

const inTls = (key: string) => ['tls_server_config', key]

async function buildTls(tls: SettledTls, http2: boolean, reading: Reading) {
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
  const { client_auth_type: auth, client_allowed_sans: allowedSans } = tls
  return {
    context,
    http2,
    clientAuth: auth === 'RequireClientCert' ? 'RequireAnyClientCert' : auth,
    ...(allowedSans !== undefined && { allowedSans }),
  }
}

async function pemOf(tls: SettledTls, key: 'cert' | 'key' | 'client_ca', reading: Reading) {
  const file = tls[`${key}_file`]
  return file === undefined ? tls[key] : reading.readBeside(file, inTls(`${key}_file`))
}

/** Reports what the toolkit refuses, and warns of what lets more clients in than intended. */
function reportClientRules(tls: SettledTls, reading: Reading): void {
  const { client_auth_type: auth, client_allowed_sans: sans } = tls
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

function handshakeOptions(tls: SettledTls, reading: Reading): SecureContextOptions {
  const { min_version: min, max_version: max, cipher_suites: suites } = tls
  if (min > max)
    reading.problem(
      inTls(reading.tree.has(inTls('min_version')) ? 'min_version' : 'max_version'),
      `min_version ${min} is newer than max_version ${max}; exchange them`,
    )
  // OpenSSL 3 offers TLS before 1.2 only at this level, whatever the version asked for.
  const level = min < 'TLS12' ? ':@SECLEVEL=0' : ''
  const ofTls12 = suites?.map((suite) => cipherSuites[suite]).filter((suite) => suite !== undefined)
  const ciphers = ofTls12 === undefined ? (level === '' ? undefined : 'DEFAULT') : ofTls12.join(':')
  return {
    minVersion: prometheusTlsVersions[min],
    maxVersion: prometheusTlsVersions[max],
    honorCipherOrder: tls.prefer_server_cipher_suites,
    ...(ciphers !== undefined && { ciphers: `${tls13Suites}${ciphers === '' ? '' : `:${ciphers}`}${level}` }),
    ...(tls.curve_preferences !== undefined && {
      ecdhCurve: tls.curve_preferences.map((curve) => curves[curve]).join(':'),
    }),
  }
}

/** Node offers only the listed suites of TLS 1.3; the toolkit always offers all. */
const tls13Suites = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

function contextMistake(context: SecureContextOptions): string | undefined {
  try {
    createSecureContext(context)
    return undefined
  } catch (error) {
    return `OpenSSL does not accept these settings: ${(error as Error).message.replace(/^.*:/, '').trim()}`
  }
}
