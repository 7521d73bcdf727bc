import { siteUrl } from '../addresses/host_port.ts'
import { observerWarnings } from '../config/farm/observer_effect.ts'
import type { Config } from '../config/load_config.ts'
import { loadWebConfig } from '../config/web/web_config.ts'
import { formatProblem, type Problem } from '../config/yaml/problem.ts'
import { seriesCost } from '../metrics/owners.ts'
import { type Farm, shardText } from '../model/farm.ts'
import { greatest } from '../runtime/extremes.ts'
import { placeFarms } from '../schedule/shard_assignment.ts'
import { rateOf } from '../schedule/threads/thread_assignment.ts'
import { load } from '../service/load_configuration.ts'
import type { Edge } from './process_edge.ts'
import { counted, type Paint, painter } from './terminal_text.ts'

export interface CheckOptions {
  /** Show what each of so many shards would have, instead of each farm. */
  readonly shards?: number
}

/** Above this many series Prometheus and its users begin to feel a farmprobe. */
const manySeries = 50_000

/**
 * The verb `check`: prints every problem of a configuration, or, when there is none, what it amounts to and what is
 * questionable about it. Returns the exit code: 0 no problem, 2 problems.
 */
export async function check(file: string, { shards }: CheckOptions, edge: Edge): Promise<number> {
  const paint = painter(edge.stdout)
  const refuse = (problems: readonly Problem[], where: string) => {
    for (const problem of problems) edge.stdout.write(`${formatProblem(problem)}\n`)
    edge.stderr.write(`${paint('red', `${counted(problems.length, 'problem')} in ${where}`)}\n`)
    return 2
  }
  const result = await load(file, edge.env)
  if (!result.ok) return refuse(result.problems, file)
  const web = await checkWebConfig(result.config.web.configFile)
  if (!web.ok) return refuse(web.problems, web.file)
  const farms = result.config.farms.map((definition) => definition.farm)
  edge.stdout.write(
    shards === undefined ? description(result.config, web.warnings, paint) : shardTable(farms, shards),
  )
  edge.stdout.write(`${paint('green', 'ok')}: ${file}: ${summary(farms)}\n`)
  return 0
}

/** The file that protects our own pages, without which `run` would not start. */
async function checkWebConfig(file: string | undefined) {
  if (file === undefined) return { ok: true, warnings: [] } as const
  return { ...(await loadWebConfig(file)), file }
}

function description(config: Config, webWarnings: readonly Problem[], paint: Paint): string {
  const farms = config.farms.map(({ farm }) => farm)
  const warnings = [
    ...[...config.warnings, ...webWarnings].map(formatProblem),
    ...observerWarnings(config.farms),
    ...budgetWarnings(farms),
  ]
  const lines = [
    ...config.farms.map(({ farm, discover }) => farmLine(farm, discover !== undefined)),
    ...warnings.map((warning) => `${paint('yellow', 'warning')}: ${warning}`),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function farmLine(farm: Farm, discovers: boolean): string {
  const nodes = `${counted(farm.nodes.length, 'node')}${discovers ? ' and those it discovers' : ''}`
  return `farm ${farm.name}: ${siteUrl(farm.site)}, the balancer and ${nodes}, ${counted(farm.checks.length, 'check')}`
}

function summary(farms: readonly Farm[]): string {
  const perSecond = Number(probesPerSecond(farms).toPrecision(2))
  return `${counted(farms.length, 'farm')}, ${perSecond} probes/s, ${grouped(totalSeries(farms))} series`
}

function budgetWarnings(farms: readonly Farm[]): string[] {
  const total = totalSeries(farms)
  const [largest] = farms.toSorted((a, b) => seriesCost(b) - seriesCost(a))
  if (largest === undefined || total <= manySeries) return []
  return [
    `${grouped(total)} series are more than ${grouped(manySeries)}: ` +
      `each scrape of them is slow and each Prometheus pays for them. The largest farm is ${largest.name}, with ` +
      `${grouped(seriesCost(largest))}; fewer checks per node cost least`,
  ]
}

/** A line for each of so many shards: what it would have of these farms, without the nodes that are discovered. */
function shardTable(farms: readonly Farm[], shards: number): string {
  const names = farms.map(({ name }) => name)
  const placed = placeFarms(names, shards)
  const lines = Array.from({ length: shards }, (_, index) => {
    const own = farms.filter((_, at) => placed[at] === index)
    return [shardText({ index, count: shards }), ...amounts(own)]
  })
  const rows = [['shard', 'farms', 'targets', 'probes/s', 'series'], ...lines]
  const widths = [0, 1, 2, 3, 4].map((column) => greatest(rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ')}\n`).join('')
}

function amounts(farms: readonly Farm[]): string[] {
  const targets = farms.reduce((sum, { nodes }) => sum + 1 + nodes.length, 0)
  return [`${farms.length}`, `${targets}`, probesPerSecond(farms).toFixed(1), grouped(totalSeries(farms))]
}

const probesPerSecond = (farms: readonly Farm[]) => farms.reduce((sum, farm) => sum + rateOf(farm), 0)

/** Series that /metrics shows of them before the first probe. */
const totalSeries = (farms: readonly Farm[]) => farms.reduce((sum, farm) => sum + seriesCost(farm), 0)

const grouped = (count: number) => count.toLocaleString('en')
