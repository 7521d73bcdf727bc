/** Listens on every address that the configuration names: the page, the metrics and health, each with its access control. */
import type { Config } from '../config/config.ts'
import { keepWebConfig } from '../config/web/follow_web_config.ts'
import { loadWebConfig, type WebConfigResult } from '../config/web/web_config.ts'
import { formatProblem, type Problem } from '../config/yaml/problem.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Log } from '../runtime/log.ts'
import { type ProtectionSource, unprotected } from '../web/guard/protection.ts'
import type { Part } from '../web/routes.ts'
import { startWeb, type WebOptions } from '../web/web_server.ts'

/** The file that `web.config_file` names is bad, and nothing is to be served without what it asks for. */
export class BadWebConfig extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.problems = problems
  }
}

type Shared = Pick<WebOptions, 'ports' | 'version' | 'clock' | 'log'> & { readonly metrics: Metrics }

/**
 * @throws BadWebConfig
 * @throws CannotListen when an address cannot be used; nothing listens then
 */
export async function openListeners(web: Config['web'], shared: Shared) {
  const protection = await protectionOf(web.configFile, shared)
  const hosts = [...(web.hosts ?? []), web.host]
  const main: Part[] = web.metrics === undefined ? ['page', 'metrics', 'health'] : ['page', 'health']
  const wanted: Omit<WebOptions, keyof Shared>[] = [
    { host: web.host, port: web.port, parts: main, hosts, protection },
    ...(web.metrics
      ? [{ ...web.metrics, parts: ['metrics' as const], hosts, protection, setting: 'web.metrics_listen' }]
      : []),
    // Without access control: orchestrators have neither passwords nor certificates, and health tells nothing else.
    ...(web.health
      ? [{ ...web.health, parts: ['health' as const], hosts: ['*'], setting: 'web.health_listen' }]
      : []),
  ]
  const onRejection: WebOptions['onRejection'] = (why) =>
    shared.metrics.add('farmprobe_web_turned_away_total', { why })
  await using open = new AsyncDisposableStack()
  const urls: [setting: string, url: string][] = []
  const loads: (() => Promise<unknown>)[] = []
  for (const options of wanted) {
    const { url, load, close } = await startWeb({ ...shared, ...options, onRejection })
    open.defer(close)
    loads.push(load)
    urls.push([options.setting ?? 'web.listen', url])
  }
  const kept = open.move()
  // The page's address, and those of the parts that have their own, by the setting that gives each.
  const { 'web.listen': url = '', ...others } = Object.fromEntries(urls)
  return {
    url,
    others,
    refresh: protection.current,
    /** What answers requests; the first one loads it otherwise. */
    load: () => Promise.all(loads.map((load) => load())),
    close: () => kept.disposeAsync(),
  }
}

async function protectionOf(file: string | undefined, { log, metrics }: Shared): Promise<ProtectionSource> {
  if (file === undefined) {
    metrics.reloaded('web_config', true)
    return unprotected
  }
  const first = await loadWebConfig(file)
  metrics.reloaded('web_config', first.ok)
  if (!first.ok) throw new BadWebConfig(first.problems)
  for (const warning of first.warnings) log.warn(formatProblem(warning))
  return { first: first.config, current: keep(file, first, log, metrics).current }
}

const keep = (file: string, first: WebConfigResult & { readonly ok: true }, log: Log, metrics: Metrics) =>
  keepWebConfig(file, first, {
    changed(config) {
      metrics.reloaded('web_config', true)
      log.info({ self: 'web_config', file, users: config.users.size }, 'the web configuration has changed')
      if ((config.tls === undefined) !== (first.config.tls === undefined))
        log.warn({ self: 'web_config', file }, 'TLS on or off takes effect at the next start')
    },
    refused(problems) {
      metrics.reloaded('web_config', false)
      for (const problem of problems)
        log.error(
          { self: 'web_config_refused', file },
          `the old web configuration stays: ${formatProblem(problem)}`,
        )
    },
  })
