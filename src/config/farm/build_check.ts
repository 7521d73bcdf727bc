import type { Burst, Check, Expectations, Schedule } from '../../model/farm.ts'
import type { WrittenCheck } from '../schema/check_schema.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { type LayeredCheck, layer, type SettledCheck, standardCheck } from './check_layers.ts'
import { reportConflicts, type Surroundings } from './conflicts.ts'
import { readAuthorization, readBody, readTls } from './inline_or_file_secrets.ts'

/** A check as it will be probed. When anything was wrong with it the reading knows, and the check is not to be used. */
export async function buildCheck(
  written: WrittenCheck & { readonly name?: string | undefined },
  path: Path,
  defaults: WrittenCheck | undefined,
  around: Surroundings,
  reading: Reading,
): Promise<Check> {
  const layered = layer(written, path, defaults, reading.tree)
  reportConflicts(layered, reading, around)
  const { settled } = layered
  const body = await readBody(layered, reading)
  const authorization = await readAuthorization(layered, reading)
  const burst = settleBurst(layered)
  return {
    name: written.name ?? '',
    path: settled.path,
    method: settled.method,
    headers: [...(settled.headers?.values() ?? [])],
    ...(body !== undefined && { body }),
    ...(authorization !== undefined && { authorization }),
    tls: await readTls(layered, reading),
    schedule: settleSchedule(settled),
    timeoutMs: settled.timeout,
    overlap: settled.overlap,
    connection: settled.connection,
    cacheBust: settled.cache_bust,
    redirects: settled.redirects,
    targets: settled.targets,
    expect: settleExpectations(settled.expect),
    ...(burst !== undefined && { burst }),
    canary: settled.canary,
  }
}

function settleSchedule({ cron, timezone, interval = 0 }: SettledCheck): Schedule {
  return cron === undefined ? { kind: 'interval', intervalMs: interval } : { kind: 'cron', cron, timezone }
}

function settleExpectations({ status = [], body, headers, warming }: SettledCheck['expect']): Expectations {
  return {
    status,
    body: {
      contains: body?.contains ?? [],
      notContains: body?.not_contains ?? [],
      match: body?.match ?? [],
      notMatch: body?.not_match ?? [],
      minBytes: body?.min_bytes ?? 0,
      maxBytes: body?.max_bytes ?? 0,
    },
    headers: [...(headers?.values() ?? [])].map(([name, pattern]) => ({ name, pattern })),
    ...(warming !== undefined && {
      warming: { contains: warming.contains ?? [], match: warming.match ?? [] },
    }),
  }
}

/** A burst nobody asked for must not get in the way: it is left out where it would make no sense. */
function settleBurst({ settled, isWritten }: LayeredCheck): Burst | undefined {
  const standard = standardCheck.burst
  if (settled.burst === undefined || settled.burst === false || standard === undefined || standard === false)
    return undefined
  const { interval = standard.interval ?? 0, for: forMs = standard.for ?? 0 } = settled.burst
  const useless = settled.canary || (settled.interval !== undefined && settled.interval <= interval)
  return useless && !isWritten('burst') ? undefined : { intervalMs: interval, forMs }
}
