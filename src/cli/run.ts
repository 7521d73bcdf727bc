import { observerWarnings } from '../config/farm/observer_effect.ts'
import { formatProblem } from '../config/yaml/problem.ts'
import { type Shard, shardText } from '../model/farm.ts'
import { ofShard } from '../schedule/shard_assignment.ts'
import { type LoadResult, load as loadAll, type ServiceConfig } from '../service/load_configuration.ts'
import { createEventLog, logProbe } from './event_log.ts'
import { startOrExplain } from './start_service.ts'
import type { Edge } from './terminal.ts'
import { untilStopped } from './terminal.ts'
import { version } from './version.ts'

/** SIGTERM promises an end within 5 s; probes still in flight after this are abandoned. */
const drainMs = 3500

interface RunOptions {
  readonly file: string
  readonly lifecycle: boolean
  /** Absent: this process has all farms. */
  readonly shard?: Shard
}

/** The verb `run`: probes until a signal ends it. Returns the exit code. */
export async function run({ file, lifecycle, shard }: RunOptions, edge: Edge): Promise<number> {
  const load = async () => shared(await loadAll(file, edge.env), shard)
  const first = await load()
  if (!first.ok) {
    for (const problem of first.problems) edge.stderr.write(`${formatProblem(problem)}\n`)
    return 2
  }
  const stopped = untilStopped(edge.signals)
  const { clock, log } = edge
  const service = await startOrExplain(first.config, edge, {
    load,
    clock,
    log,
    version,
    lifecycle,
    ...(shard !== undefined && { shard }),
    remember: true,
    onEvent: createEventLog(log),
    ...(log.isLevelEnabled('debug') && { onOutcome: (outcome) => logProbe(log, outcome) }),
  })
  if (service === undefined) return 2
  // Before anybody hears that it is running: a SIGHUP without a listener would end it.
  const reload = () => void service.reload()
  edge.signals.on('SIGHUP', reload)
  const own = { url: service.url, ...service.otherUrls, version, ...(shard && { shard: shardText(shard) }) }
  log.info({ self: 'start', ...own }, 'farmprobe is running')
  for (const warning of questionable(first.config)) log.warn(warning)
  if (first.config.farms.length === 0)
    log.warn('this shard has none of the farms: there are more shards than it takes')
  await stopped
  edge.signals.off('SIGHUP', reload)
  log.info({ self: 'stop' }, 'stopping: probes in flight may end')
  await service.stop(drainMs)
  return 0
}

/** What was loaded, with the farms of this process alone. */
const shared = (result: LoadResult, shard: Shard | undefined): LoadResult =>
  shard === undefined || !result.ok ? result : { ok: true, config: ofShard(result.config, shard) }

/** What works but deserves a second thought. */
function questionable({ warnings, farms }: ServiceConfig): string[] {
  return [...warnings.map(formatProblem), ...observerWarnings(farms.map(({ farm }) => farm))]
}
