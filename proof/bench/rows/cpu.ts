/** What one probe costs: processor time of the whole process, beside other probers and a bare socket loop. */
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMicroseconds } from '../../processes.ts'
import { median, spread } from '../../statistics.ts'
import { type Contender, type Name, names, startContenders } from '../contenders.ts'
import type { Plan } from '../durations.ts'
import { keepScraping } from '../farmprobe.ts'
import { atMost, type Row } from '../table.ts'
import { makeTlsFiles, type Traffic } from '../traffic.ts'

const scrapeMs = 5000

/** What is compared, and how much of another's processor time farmprobe may take. */
interface Comparison {
  readonly what: string
  readonly traffic: Traffic
  readonly without: readonly Name[]
  readonly goals: Readonly<Partial<Record<Name, number>>>
}

/**
 * All probers of a comparison side by side, each with targets of its own, so that whatever else the machine does meets
 * all alike; together they leave most of it idle.
 */
export async function cpuRows(plan: Plan): Promise<Row[]> {
  using tls = await makeTlsFiles()
  const comparisons: readonly Comparison[] = [
    {
      what: 'HTTP',
      traffic: { targets: 200, perSecond: 200 },
      without: [],
      goals: { blackbox_exporter: 0.25, cloudprober: 0.8, 'bare loop': 2 },
    },
    {
      what: 'TLS, full handshakes',
      traffic: { targets: 50, perSecond: 50, tls },
      without: [],
      goals: { 'bare loop': 1 },
    },
    {
      what: 'kept connections',
      traffic: { targets: 200, perSecond: 200, keepAlive: true },
      // It keeps none.
      without: ['blackbox_exporter'],
      goals: { cloudprober: 0.8 },
    },
  ]
  const rows: Row[] = []
  for (const comparison of comparisons) rows.push(...(await compare(comparison, plan)))
  return rows
}

async function compare({ what, traffic, without, goals }: Comparison, plan: Plan): Promise<Row[]> {
  const contenders = await startContenders(
    traffic,
    names.filter((name) => !without.includes(name)),
  )
  await using stack = new AsyncDisposableStack()
  for (const contender of contenders) {
    stack.use(contender)
    if (contender.prober.url !== undefined) stack.use(keepScraping(contender.prober.url, scrapeMs))
  }
  await sleep(plan.warmUpMs)
  const rounds: Cost[][] = []
  for (let round = 0; round < plan.rounds; round += 1) rounds.push(await measure(contenders, plan.windowMs))
  const due = (traffic.perSecond * plan.windowMs) / 1000
  const costsOf = (index: number) => rounds.map((costs) => costs[index]?.cpuPerProbe ?? Number.NaN)
  const shares = contenders.map((_, index) =>
    median(rounds.map((costs) => (costs[index]?.probes ?? 0) / due)),
  )
  const [made = 0] = shares
  if (!keepsUp(made)) throw new Error(`farmprobe made ${made * due} probes (${what}) where ${due} were due`)
  const ours = costsOf(0)
  const shown = contenders.map(({ name }, index) => ({
    what: `CPU per probe, ${what}, ${name} (${traffic.targets} targets, ${traffic.perSecond}/s)`,
    measured: `${range(costsOf(index))}${madeOf(shares[index] ?? 0)}`,
  }))
  const ratios = contenders.slice(1).map(({ name }, index): Row => {
    const theirs = costsOf(index + 1)
    // Of one and the same round: what the machine does besides differs from round to round.
    const value = median(ours.map((cost, round) => cost / (theirs[round] ?? Number.NaN)))
    const row = `  farmprobe's over ${name}'s`
    const goal = goals[name]
    return goal === undefined ? { what: row, measured: ratio(value) } : atMost(row, value, goal, ratio)
  })
  return [...shown, ...ratios]
}

interface Cost {
  /** Requests that the targets answered. */
  readonly probes: number
  /** Microseconds of processor time. */
  readonly cpuPerProbe: number
}

async function measure(contenders: readonly Contender[], windowMs: number): Promise<Cost[]> {
  const read = () =>
    Promise.all(
      contenders.map(async ({ prober, servers }) => ({
        probes: await servers.count(),
        cpu: cpuMicroseconds(prober.pid),
      })),
    )
  const before = await read()
  await sleep(windowMs)
  return (await read()).map(({ probes, cpu }, index) => {
    const was = before[index] ?? { probes: 0, cpu: 0 }
    return { probes: probes - was.probes, cpuPerProbe: (cpu - was.cpu) / (probes - was.probes) }
  })
}

const ratio = (value: number) => value.toFixed(2)

function range(rounds: readonly number[]): string {
  const [low, high] = spread(rounds).map(Math.round)
  return `${Math.round(median(rounds))} us (${low} to ${high})`
}

const keepsUp = (share: number) => Math.abs(share - 1) <= 0.1

/** Of another prober that does not keep up it is said. */
const madeOf = (share: number) =>
  keepsUp(share) ? '' : `, made ${Math.round(share * 100)} % of the probes due`
