/** Bodies, credentials and certificates, which the configuration holds itself or names a file for. */
import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { TlsSettings } from '../../model/farm.ts'
import type { SettledCheck } from '../schema/check_keys.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import type { Layered } from './layers.ts'

type Secured = Layered<Pick<SettledCheck, 'auth' | 'tls'>>

/** The text itself, or that of the file without the line break at its end; an empty file is a problem. */
export async function inlineOrFile(
  reading: Reading,
  inline: string | undefined,
  fileName: string | undefined,
  path: Path,
): Promise<string | undefined> {
  if (inline !== undefined || fileName === undefined) return inline
  const text = (await reading.readBeside(fileName, path))?.replace(/\r?\n$/, '')
  if (text === '') reading.problem(path, `${reading.show(path)} is empty; put the value into it`)
  return text
}

/** The header `Authorization`, where it is the same in each request. `keys` are those that `auth` may have here. */
export async function readAuthorization(
  check: Secured,
  reading: Reading,
  keys = 'basic, bearer or bearer_file',
): Promise<string | undefined> {
  const { auth } = check.settled
  if (auth === undefined) return undefined
  if (auth.basic !== undefined) return basicAuthorization(auth.basic, check, reading)
  const key = auth.bearer === undefined ? 'bearer_file' : 'bearer'
  const path = check.where('auth', key)
  const token = await inlineOrFile(reading, auth.bearer, auth.bearerFile, path)
  if (token !== undefined) {
    if (!/^[\x21-\x7e]*$/.test(token))
      reading.problem(path, 'a token with blanks or line breaks; write it as one word')
    return `Bearer ${token}`
  }
  if (reading.isEmpty(check.where('auth'))) reading.problem(check.where('auth'), `empty; write ${keys}`)
  return undefined
}

type Basic = NonNullable<NonNullable<SettledCheck['auth']>['basic']>

async function basicAuthorization(
  { username, password, passwordFile }: Basic,
  check: Secured,
  reading: Reading,
): Promise<string | undefined> {
  const path = check.where('auth', 'basic')
  if (['password', 'password_file'].every((key) => !check.isWritten('auth', 'basic', key)))
    reading.problem(path, 'no password; write password or password_file')
  if (username.includes(':'))
    reading.problem(
      [...path, 'username'],
      'a user name with a colon, where the password would begin; it cannot be sent',
    )
  const secret = await inlineOrFile(reading, password, passwordFile, [...path, 'password_file'])
  return secret === undefined ? undefined : `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`
}

export async function readBody(
  { settled: { body, bodyFile }, where }: Layered<SettledCheck>,
  reading: Reading,
): Promise<string | undefined> {
  if (body !== undefined || bodyFile === undefined) return body
  return reading.readBeside(bodyFile, where('body_file'))
}

/** The TLS settings; a certificate and a key that do not belong together are a problem. */
export async function readTls({ settled: { tls }, where }: Secured, reading: Reading): Promise<TlsSettings> {
  const { caFile, certFile, keyFile, ...rest } = tls
  const ca = await inlineOrFile(reading, tls.ca, caFile, where('tls', 'ca_file'))
  const cert = await inlineOrFile(reading, tls.cert, certFile, where('tls', 'cert_file'))
  const key = await inlineOrFile(reading, tls.key, keyFile, where('tls', 'key_file'))
  const mistake = tlsMistake(ca, cert, key)
  if (mistake !== undefined) reading.problem(where('tls'), mistake)
  return {
    ...rest,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

/** A client certificate needs its key, and the key its certificate. */
export function refuseHalfPair({ where, isWritten }: Secured, reading: Reading): void {
  const has = (key: string) => isWritten('tls', key) || isWritten('tls', `${key}_file`)
  if (has('cert') !== has('key'))
    reading.problem(
      where('tls'),
      has('cert') ? 'cert without key; give both, or neither' : 'key without cert; give both, or neither',
    )
}

/** Why PEM texts cannot be used together; shows nothing of the key. */
export function tlsMistake(
  ca: string | undefined,
  cert: string | undefined,
  key: string | undefined,
): string | undefined {
  if (ca !== undefined && !isCertificate(ca)) return 'ca is not a certificate; give one or more in PEM form'
  if (cert !== undefined && !isCertificate(cert)) return 'cert is not a certificate; give it in PEM form'
  if (cert === undefined || key === undefined) return undefined
  try {
    createSecureContext({ cert, key })
    return undefined
  } catch (error) {
    // OpenSSL's message names the reason ("key values mismatch", "bad decrypt") and shows nothing of the key.
    const why = (error as Error).message.replace(/^.*:/, '').trim()
    return `cert and key cannot be used together (${why}); give the unencrypted PEM key that belongs to the certificate`
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
