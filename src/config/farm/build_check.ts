import type { Burst, Check } from '../../model/farm.ts'
import { defaultsKeys, type SettledCheck, type WrittenCheck } from '../schema/check_keys.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { reportConflicts, type Surroundings } from './check_conflicts.ts'
import { readAuthorization, readBody, readTls } from './credentials.ts'
import { type Layered, layered } from './layers.ts'

/**
 * A check as it will be probed. When anything was wrong with it the reading knows, and the check is not to be used.
 * What a key alone decides is in its description (`schema/check_keys.ts`); here is what several decide together.
 */
export async function buildCheck(
  name: string,
  written: WrittenCheck,
  path: Path,
  defaults: WrittenCheck | undefined,
  around: Surroundings,
  reading: Reading,
): Promise<Check> {
  const check = layered(defaultsKeys, written, path, defaults, reading.tree)
  reportConflicts(check, reading, around)
  const {
    intervalMs = 0,
    cron,
    timezone,
    body: _body,
    bodyFile: _bodyFile,
    auth: _auth,
    tls: _tls,
    burst: _burst,
    ...plain
  } = check.settled
  const body = await readBody(check, reading)
  const authorization = await readAuthorization(check, reading)
  const burst = burstOf(check)
  return {
    name,
    ...plain,
    ...(body !== undefined && { body }),
    ...(authorization !== undefined && { authorization }),
    tls: await readTls(check, reading),
    schedule: cron === undefined ? { kind: 'interval', intervalMs } : { kind: 'cron', cron, timezone },
    ...(burst !== undefined && { burst }),
  }
}

/** A burst nobody asked for must not get in the way: it is left out where it would make no sense. */
function burstOf({ settled, isWritten }: Layered<SettledCheck>): Burst | undefined {
  const { burst, canary, intervalMs } = settled
  if (burst === false) return undefined
  const useless = canary || (intervalMs !== undefined && intervalMs <= burst.intervalMs)
  return useless && !isWritten('burst') ? undefined : burst
}
