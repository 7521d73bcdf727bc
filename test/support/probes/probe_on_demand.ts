import { stringify } from 'yaml'
import type { AllowedTargets } from '../../../src/addresses/allowed_target.ts'
import { exposition } from '../../../src/blackbox/metrics/probe_metrics.ts'
import type { HttpModule } from '../../../src/blackbox/module/module.ts'
import { parseModules } from '../../../src/blackbox/module/read_modules.ts'
import { runModule } from '../../../src/blackbox/run_module.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { readTextFile } from '../../../src/config/yaml/text_file.ts'
import { createSystemResolve, type Resolve } from '../../../src/probe/connect/resolve.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createRegexps } from '../../../src/runtime/regexp.ts'
import { parseExposition } from '../rules/exposition.ts'
import { never } from './probe_once.ts'

/** What a test wants of a probe on demand beside the target. */
export interface DemandWish {
  /** The block `http` of the module, as a module file has it. */
  readonly http?: Readonly<Record<string, unknown>>
  readonly hostname?: string
  readonly timeoutMs?: number
  readonly allowed?: AllowedTargets
  readonly resolve?: Resolve
}

/** What came of it: the values of metrics by name, with their labels where they have any, and the log. */
export interface Demanded {
  readonly metrics: Readonly<Record<string, number>>
  readonly log: string
}

/** Everything but what is never allowed. */
export const everything: AllowedTargets = { patterns: [{ host: '*' }], places: new Map() }

/** The module that a block `http` makes; rejects with the problems of a wrong one. */
export function httpModule(http: Readonly<Record<string, unknown>>): HttpModule {
  const text = stringify({ modules: { tested: { prober: 'http', http } } })
  const result = parseModules(text, '/etc/farmprobe/blackbox.yml')
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  const module = result.modules.get('tested')
  if (module === undefined || !('http' in module)) throw new Error('the module is not served')
  return module.http
}

/** Makes one probe on demand, on real sockets, in this thread. */
export async function probeOnDemand(target: string, wish: DemandWish = {}): Promise<Demanded> {
  const { http = {}, hostname, timeoutMs = 10_000, allowed = everything } = wish
  const asked = { moduleName: 'tested', module: httpModule(http), target, hostname, timeoutMs }
  const report = await runModule(
    asked,
    {
      clock: systemClock,
      resolve: wish.resolve ?? createSystemResolve(),
      readText: readTextFile,
      compile: createRegexps(),
      allowed,
    },
    never,
  )
  return { metrics: metricsOf(exposition(report.result)), log: report.log.join('\n') }
}

/** The values of an exposition by series. */
export function metricsOf(text: string): Record<string, number> {
  return Object.fromEntries(
    parseExposition(text).map(({ name, labels, value }) => [`${name}${labelText(labels)}`, value]),
  )
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
