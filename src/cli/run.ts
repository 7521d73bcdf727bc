import { resolve } from 'node:path'
import { formatProblem } from '../config/yaml/problem.ts'
import { type Shard, shardText } from '../model/farm.ts'
import { createFileWatch } from '../runtime/watch_file.ts'
import { ofShard } from '../schedule/shard_assignment.ts'
import { createFileReader } from '../service/file_reader.ts'
import { BadWebConfig } from '../service/listeners.ts'
import { type LoadResult, type ServiceConfig, warningsOf } from '../service/load_configuration.ts'
import { type Service, type ServiceOptions, startService } from '../service/service.ts'
import { CannotListen } from '../web/web_server.ts'
import { createEventLog, logProbe } from './event_log.ts'
import type { WebFlags } from './options.ts'
import { type Edge, untilStopped, version } from './process_edge.ts'

/** SIGTERM promises an end within 5 s, on a busy machine too; probes still in flight after this are aborted. */
const drainMs = 2500

export interface RunOptions extends WebFlags {
  readonly config: string
  readonly 'web.enableLifecycle'?: true
  readonly 'metrics.nativeHistograms'?: true
  /** Absent: this process has all farms. */
  readonly shard?: Shard
}

/** The verb `run`: probes until a signal ends it. Returns the exit code: 0 stopped, 2 a bad configuration. */
export async function run(options: RunOptions, edge: Edge): Promise<number> {
  const { config: file, 'web.enableLifecycle': lifecycle = false, shard } = options
  let isChanged = false
  let reload = () => {
    isChanged = true
  }
  await using _reloads = await reloadRequests(edge, file, () => reload())
  await using files = createFileReader(edge.clock)
  const load = async () => farmsOf(withFlags(await files.load(file, edge.env), options), shard)
  const first = await load()
  if (!first.ok) {
    for (const problem of first.problems) edge.stderr.write(`${formatProblem(problem)}\n`)
    return 2
  }
  const stopped = untilStopped(edge)
  const { clock, log } = edge
  let url = ''
  const service = await startOrExplain(first.config, edge, {
    load,
    clock,
    log,
    version,
    lifecycle,
    nativeHistograms: options['metrics.nativeHistograms'] === true,
    ...(shard && { shard }),
    remember: true,
    onEvent: createEventLog(log, (incident) => `${url}#/incident/${encodeURIComponent(incident)}`),
    ...(log.isLevelEnabled('debug') && { onOutcome: (outcome) => logProbe(log, outcome) }),
  })
  if (service === undefined) return 2
  url = service.pageUrl
  reload = () => void service.reload()
  if (isChanged) reload()
  const own = {
    url: service.url,
    listen: first.config.web.host,
    ...service.otherUrls,
    version,
    ...(shard && { shard: shardText(shard) }),
  }
  log.info({ self: 'start', ...own }, 'farmprobe is running')
  for (const warning of warningsOf(first.config)) log.warn(warning)
  if (first.config.farms.length === 0)
    log.warn('this shard has none of the farms: there are more shards than it takes')
  await stopped
  reload = () => undefined
  log.info({ self: 'stop' }, 'stopping: probes in flight may end')
  await service.stop(drainMs)
  return 0
}

/** Calls `onRequest` at each SIGHUP. On Windows, where that signal ends a process, saving the configuration is the request. */
async function reloadRequests({ signals, platform, clock }: Edge, file: string, onRequest: () => void) {
  if (platform === 'win32') {
    const watch = createFileWatch(clock, onRequest)
    await watch.follow(resolve(file))
    return { [Symbol.asyncDispose]: watch.stop }
  }
  signals.on('SIGHUP', onRequest)
  return { [Symbol.asyncDispose]: async () => void signals.off('SIGHUP', onRequest) }
}

/** The service; undefined, with a message, when an address cannot be had or the web configuration is bad. */
export async function startOrExplain(
  config: ServiceConfig,
  edge: Edge,
  options: ServiceOptions,
): Promise<Service | undefined> {
  try {
    return await startService(config, options)
  } catch (error) {
    if (!(error instanceof CannotListen || error instanceof BadWebConfig)) throw error
    edge.stderr.write(`${error.message}\n`)
    return undefined
  }
}

const farmsOf = (result: LoadResult, shard: Shard | undefined): LoadResult =>
  shard === undefined || !result.ok ? result : { ok: true, config: ofShard(result.config, shard) }

function withFlags(result: LoadResult, flags: WebFlags): LoadResult {
  if (!result.ok) return result
  const { 'web.listenAddress': listen, 'web.config.file': configFile } = flags
  const web = { ...result.config.web, ...listen, ...(configFile && { configFile: resolve(configFile) }) }
  return { ok: true, config: { ...result.config, web } }
}
