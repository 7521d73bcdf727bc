import { styleText } from 'node:util'
import { observerWarnings } from '../config/farm/observer_effect.ts'
import type { Config } from '../config/load_config.ts'
import { loadWebConfig } from '../config/web/web_config.ts'
import { formatProblem, type Problem } from '../config/yaml/problem.ts'
import { seriesCost } from '../metrics/owners.ts'
import type { Farm } from '../model/farm.ts'
import { load } from '../service/load_configuration.ts'
import { probesPerSecond, totalSeries } from './probe_rate.ts'
import { splitTable } from './shard_table.ts'
import type { Edge } from './terminal.ts'

/** Above this many series Prometheus and its users begin to feel a farmprobe. */
const manySeries = 50_000

/**
 * The verb `check`: prints every problem of a configuration, or, when there is none, what it amounts to and what is
 * questionable about it; with a number of shards, what each of them would have instead. Returns the exit code.
 */
export async function check(file: string, edge: Edge, shards?: number): Promise<number> {
  const result = await load(file, edge.env)
  const paint = painter(edge)
  if (!result.ok) {
    for (const problem of result.problems) edge.stdout.write(`${formatProblem(problem)}\n`)
    edge.stderr.write(`${paint('red', `${counted(result.problems.length, 'problem')} in ${file}`)}\n`)
    return 2
  }
  const web = await checkWebConfig(result.config.web.configFile)
  if (!web.ok) {
    for (const problem of web.problems) edge.stdout.write(`${formatProblem(problem)}\n`)
    edge.stderr.write(`${paint('red', `${counted(web.problems.length, 'problem')} in ${web.file}`)}\n`)
    return 2
  }
  const farms = result.config.farms.map((definition) => definition.farm)
  if (shards === undefined) describe(result.config, web.warnings, paint, edge)
  else edge.stdout.write(splitTable(farms, shards))
  edge.stdout.write(`${paint('green', 'ok')}: ${file}: ${summary(farms)}\n`)
  return 0
}

/** Each farm, and what is questionable. */
function describe(
  config: Config,
  webWarnings: readonly Problem[],
  paint: ReturnType<typeof painter>,
  edge: Edge,
): void {
  const farms = config.farms.map(({ farm }) => farm)
  for (const { farm, discover } of config.farms)
    edge.stdout.write(`${describeFarm(farm, discover !== undefined)}\n`)
  const warnings = [
    ...[...config.warnings, ...webWarnings].map(formatProblem),
    ...observerWarnings(farms),
    ...budgetWarnings(farms),
  ]
  for (const warning of warnings) edge.stdout.write(`${paint('yellow', 'warning')}: ${warning}\n`)
}

/** The file that protects our own pages, which `run` would not start without. */
async function checkWebConfig(file: string | undefined) {
  if (file === undefined) return { ok: true, warnings: [] } as const
  return { ...(await loadWebConfig(file)), file }
}

function describeFarm(farm: Farm, discovers: boolean): string {
  const nodes = `${counted(farm.nodes.length, 'node')}${discovers ? ' and those it discovers' : ''}`
  const { scheme, hostname } = farm.site
  return `farm ${farm.name}: ${scheme}://${hostname}, the balancer and ${nodes}, ${counted(farm.checks.length, 'check')}`
}

function summary(farms: readonly Farm[]): string {
  const perSecond = Number(probesPerSecond(farms).toPrecision(2))
  return `${counted(farms.length, 'farm')}, ${perSecond} probes/s, ${totalSeries(farms).toLocaleString('en')} series`
}

function budgetWarnings(farms: readonly Farm[]): string[] {
  const total = totalSeries(farms)
  if (total <= manySeries) return []
  const [largest] = farms.toSorted((a, b) => seriesCost(b) - seriesCost(a))
  return [
    `${total.toLocaleString('en')} series are more than ${manySeries.toLocaleString('en')}: ` +
      `each scrape of them is slow and each Prometheus pays for them. The largest farm is ${largest?.name}, with ` +
      `${largest === undefined ? 0 : seriesCost(largest).toLocaleString('en')}; fewer checks per node cost least`,
  ]
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

const painter = (edge: Edge) => (colour: 'red' | 'yellow' | 'green', text: string) =>
  edge.stdout.isTTY ? styleText(colour, text, { validateStream: false }) : text
