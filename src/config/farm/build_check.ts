import type { Burst, Check } from '../../model/farm.ts'
import { defaultsKeys, type SettledCheck, type WrittenCheck } from '../schema/check_keys.ts'
import { settle } from '../schema/part.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { reportConflicts, type Surroundings } from './check_conflicts.ts'
import { readAuthorization, readBody, readTls } from './credentials.ts'
import { type Layered, layered } from './layers.ts'
import { readWindowsAuth } from './windows_auth.ts'

/** Builds a check. When the reading has a problem with it, the result must not be used. */
export async function buildCheck(
  { name = '', ...written }: WrittenCheck,
  path: Path,
  defaults: WrittenCheck | undefined,
  around: Surroundings,
  reading: Reading,
): Promise<Check> {
  const check = layered(defaultsKeys, written, path, defaults, reading.tree)
  reportConflicts(check, reading, around)
  const body = await readBody(check, reading)
  const authorization = await readAuthorization(
    check,
    reading,
    'basic, bearer, bearer_file, ntlm or negotiate',
  )
  const windowsAuth = await readWindowsAuth(check, reading)
  const burst = burstOf(check)
  const identity = check.isOwn('identity')
    ? check.settled.identity
    : (around.identity ?? check.settled.identity)
  return assembled(name, check.settled, {
    tls: await readTls(check, reading),
    ...(body !== undefined && { body }),
    ...(authorization !== undefined && { authorization }),
    ...(windowsAuth !== undefined && { windowsAuth }),
    ...(burst !== undefined && { burst }),
    ...(identity !== undefined && { identity }),
  })
}

/** The default burst is left out where it would make no sense. */
function burstOf({ settled, isWritten }: Layered<SettledCheck>): Burst | undefined {
  const { burst, canary, intervalMs } = settled
  if (burst === false) return undefined
  const useless = canary || (intervalMs !== undefined && intervalMs <= burst.intervalMs)
  return useless && !isWritten('burst') ? undefined : burst
}

type Built = Pick<Check, 'tls' | 'body' | 'authorization' | 'windowsAuth' | 'burst' | 'identity'>

/** A key that maps to one property is described in `schema/check_keys.ts`; `built` are those made of several keys. */
function assembled(name: string, settled: SettledCheck, built: Built): Check {
  const { intervalMs = 0, cron, timezone, ...keys } = settled
  const { body: _body, bodyFile: _file, auth: _auth, tls: _tls, burst: _burst, ...plain } = keys
  const schedule =
    cron === undefined
      ? ({ kind: 'interval', intervalMs } as const)
      : ({ kind: 'cron', cron, timezone } as const)
  return { name, ...plain, ...built, schedule }
}

/** A check with nothing but defaults, and without a burst. */
export const standardCheck: Check = assembled('home', settle(defaultsKeys, {}), {
  tls: settle(defaultsKeys, {}).tls,
})
