import { formatProblem } from '../config/yaml/problem.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Log } from '../runtime/log.ts'
import { forNextStart, type LoadResult, type ServiceConfig, warningsOf } from './load_configuration.ts'

/**
 * The configuration, read again; undefined when it is bad. The log says what is wrong, what `check` would warn of and did not
 * before, and what takes effect later than now.
 */
export async function reloaded(
  load: () => Promise<LoadResult>,
  { started, before }: { readonly started: ServiceConfig; readonly before: ServiceConfig },
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<ServiceConfig | undefined> {
  const result = await load()
  metrics.reloaded('config', result.ok)
  if (!result.ok) {
    for (const problem of result.problems)
      log.error({ self: 'reload_refused' }, `not reloaded: ${formatProblem(problem)}`)
    return undefined
  }
  for (const setting of forNextStart(started, result.config))
    log.warn({ self: 'reload' }, `${setting} has changed: that takes effect at the next start`)
  const known = new Set(warningsOf(before).map(withoutPlace))
  for (const warning of warningsOf(result.config)) if (!known.has(withoutPlace(warning))) log.warn(warning)
  return result.config
}

/** Lines above it that come or go make it no other warning. */
const withoutPlace = (warning: string) => warning.replace(/:\d+:\d+: /, ': ')
