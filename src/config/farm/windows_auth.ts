/** The credentials of Windows authentication: NTLM with a password, or Kerberos with a keytab. */
import type { WindowsAuth } from '../../model/farm.ts'
import { readBoundedFile } from '../../runtime/bounded_file.ts'
import { loadKerberos } from '../../runtime/kerberos_library.ts'
import type { SettledCheck } from '../schema/check_keys.ts'
import type { Reading } from '../yaml/reading.ts'
import { inlineOrFile } from './credentials.ts'
import type { Layered } from './layers.ts'

type Auth = NonNullable<SettledCheck['auth']>

/** How a check authenticates by a handshake, if it does. What it takes for that and is missing is a problem. */
export async function readWindowsAuth(
  check: Layered<SettledCheck>,
  reading: Reading,
): Promise<WindowsAuth | undefined> {
  const { ntlm, negotiate } = check.settled.auth ?? {}
  if (ntlm !== undefined) return readNtlm(ntlm, check, reading)
  return negotiate && readNegotiate(negotiate, check, reading)
}

/** A message has no room for much longer names, and Windows has none, characters. */
const longestUser = 1024

async function readNtlm(
  { user: written, password, passwordFile }: NonNullable<Auth['ntlm']>,
  { where, isWritten }: Layered<SettledCheck>,
  reading: Reading,
): Promise<WindowsAuth | undefined> {
  const path = where('auth', 'ntlm')
  if (['password', 'password_file'].every((key) => !isWritten('auth', 'ntlm', key)))
    reading.problem(path, 'no password; write password or password_file')
  const [user = '', domain = ''] = written.split('\\').toReversed()
  if (user === '' || written.split('\\').length > 2 || written.length > longestUser)
    reading.problem(
      [...path, 'user'],
      `${reading.show([...path, 'user'])} is no user; write DOM\\name, or name@example.org`,
    )
  const secret = await inlineOrFile(reading, password, passwordFile, [...path, 'password_file'])
  return secret === undefined ? undefined : { by: 'ntlm', user, domain, password: secret }
}

/** The first byte of each keytab, and the second of those that are in use. */
const keytabMark = 0x05
const keytabVersions: readonly (number | undefined)[] = [1, 2]
const mostKeytabBytes = 2 ** 20

async function readNegotiate(
  { principal, keytabFile }: NonNullable<Auth['negotiate']>,
  { where }: Layered<SettledCheck>,
  reading: Reading,
): Promise<WindowsAuth> {
  const path = where('auth', 'negotiate')
  const at = [...path, 'keytab_file']
  const keytab = await readBoundedFile(keytabFile, mostKeytabBytes)
  if ('why' in keytab)
    reading.problem(
      at,
      `${reading.show(at)} cannot be read: ${keytab.why}; relative names start at ${reading.folder}`,
    )
  else if (keytab.bytes[0] !== keytabMark || !keytabVersions.includes(keytab.bytes[1]))
    reading.problem(at, `${reading.show(at)} is no keytab; make one with ktpass or ktutil`)
  await loadKerberos().catch((error: Error) => reading.problem(path, error.message))
  return { by: 'negotiate', principal, keytab: keytabFile }
}
