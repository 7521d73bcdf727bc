/** The secrets of a module: what stands in its file, or in files that it names. */
import { tlsMistake } from '../../config/farm/credentials.ts'
import type { Path } from '../../config/yaml/problem.ts'
import type { Reading } from '../../config/yaml/reading.ts'
import { isNothing, valueAt } from '../../config/yaml/tree.ts'
import type { Credentials, InlineOrFile, ModuleTls } from './module.ts'
import type { SettledHttp } from './module_keys.ts'

/** A setting that stands in the module file, or in a file that it names: the key with `_file`. */
export function inlineOrFile<Key extends string>(
  block: { readonly [Name in Key | `${Key}_file`]?: string },
  key: Key,
  path: Path,
  reading: Reading,
): InlineOrFile | undefined {
  const text = block[key]
  const file = block[`${key}_file`]
  if (text !== undefined && file !== undefined)
    reading.problem([...path, `${key}_file`], `${key} and ${key}_file exclude each other; keep one`)
  if (text !== undefined) return { text }
  return file === undefined ? undefined : { file: reading.beside(file) }
}

const ways = ['basic_auth', 'authorization', 'oauth2', 'bearer_token', 'bearer_token_file']

/** What goes into the Authorization header, at most one of the ways to say it. */
export function credentialsOf(http: SettledHttp, path: Path, reading: Reading): Credentials | undefined {
  const given = ways.filter((key) => !isNothing(valueAt(reading.tree.value, [...path, key]) ?? ''))
  const last = given.at(-1)
  if (last !== undefined && given.length > 1)
    reading.problem([...path, last], `${given.join(' and ')} exclude each other; keep one`)
  if (http.basic_auth !== undefined) {
    const at = [...path, 'basic_auth']
    return {
      username: inlineOrFile(http.basic_auth, 'username', at, reading) ?? { text: '' },
      password: inlineOrFile(http.basic_auth, 'password', at, reading) ?? { text: '' },
    }
  }
  if (http.authorization !== undefined) {
    const at = [...path, 'authorization']
    const { type } = http.authorization
    if (type.trim().toLowerCase() === 'basic')
      reading.problem([...at, 'type'], 'the type is Basic; write basic_auth instead of authorization')
    const secret = inlineOrFile(http.authorization, 'credentials', at, reading)
    return secret && { type, credentials: secret }
  }
  if (http.bearer_token !== undefined) return { type: 'Bearer', credentials: { text: http.bearer_token } }
  const file = http.bearer_token_file
  return file === undefined ? undefined : { type: 'Bearer', credentials: { file: reading.beside(file) } }
}

/** The TLS settings, proved to fit together as far as the module file holds them. */
export function tlsOf(tls: SettledHttp['tls'], path: Path, reading: Reading): ModuleTls {
  const ca = inlineOrFile(tls, 'ca', path, reading)
  const cert = inlineOrFile(tls, 'cert', path, reading)
  const key = inlineOrFile(tls, 'key', path, reading)
  if ((cert === undefined) !== (key === undefined))
    reading.problem(
      path,
      `${cert === undefined ? 'key' : 'cert'} alone; a client certificate needs both cert and key`,
    )
  const mistake = tlsMistake(tls.ca, tls.cert, tls.key)
  if (mistake !== undefined) reading.problem(path, mistake)
  const { serverName, insecure, minVersion, maxVersion } = tls
  if (minVersion > maxVersion)
    reading.problem([...path, 'min_version'], 'min_version is newer than max_version; swap them')
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }),
    insecure,
    minVersion,
    maxVersion,
  }
}
