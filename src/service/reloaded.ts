import { formatProblem } from '../config/yaml/problem.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Log } from '../runtime/log.ts'
import { forNextStart, type LoadResult, type ServiceConfig } from './load_configuration.ts'

/** The configuration, read again; undefined when it is bad. The log says what is wrong, or takes effect later. */
export async function reloaded(
  load: () => Promise<LoadResult>,
  before: ServiceConfig,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<ServiceConfig | undefined> {
  const result = await load()
  metrics.reloaded('config', result.ok)
  if (!result.ok) {
    for (const problem of result.problems)
      log.error({ self: 'reload_refused' }, `not reloaded: ${formatProblem(problem)}`)
    return undefined
  }
  for (const setting of forNextStart(before, result.config))
    log.warn({ self: 'reload' }, `${setting} has changed: that takes effect at the next start`)
  return result.config
}
