/** `npm run soak`: runs one farmprobe under load for long, to see whether anything grows. Exit code 1 when something does. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration, hourMs, minuteMs } from '../../../src/runtime/duration.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { parseExposition, total } from '../../../test/support/rules/exposition.ts'
import { machineLine } from '../../machine.ts'
import { cpuMicroseconds } from '../../processes.ts'
import { asMarkdown, asText } from '../../truth/tables/print_table.ts'
import { isStackTrace } from '../health.ts'
import { startChild, stopChild } from '../support/child.ts'
import { inspect } from '../support/inspector.ts'
import { createFarms, startChurn } from './churn.ts'
import { type Options, optionsOf } from './options.ts'
import { measure, quantities, type Soaked } from './quantities.ts'
import { type Judgement, judge, type Point, type Slope, slopeOf } from './slope.ts'
import { startWorld, type World } from './world.ts'

/** At most this many readings, at most one a second. The first third, in which caches fill and code is compiled, does not count. */
const mostReadings = 120
const readingsIn = ({ forMs }: Options) => Math.min(mostReadings, Math.floor(forMs / 1000))
const ignoredShare = 1 / 3
/** Outages of all targets fill the buffers of fixed size at the start: each outage, and each pause between two, takes this long. */
const fillMs = 700
/** A soak this long has filled them within the part that does not count. */
const filledMs = 25 * minuteMs

interface Soak {
  readonly points: readonly (readonly Point[])[]
  readonly counts: Readonly<Record<string, number>>
  readonly probes: number
  readonly missed: number
  /** Of one core. */
  readonly cpuShare: number
  readonly traces: readonly string[]
}

async function soak(options: Options): Promise<Soak> {
  const { forMs, seed } = options
  const readings = readingsIn(options)
  const random = seededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-soak-'))
  try {
    await using world = await startWorld(random)
    const configFile = join(folder, 'farmprobe.yaml')
    const farms = createFarms({ folder, configFile, port: world.port }, random)
    const child = await startChild({ configFile })
    try {
      using inspector = await inspect(child.inspectorUrl)
      await using churn = startChurn(child, world, farms, random)
      const sinceMs = performance.now()
      const points = quantities.map((): Point[] => [])
      for (let reading = 0; reading < readings; reading += 1) {
        const dueMs = sinceMs + ((reading + 1) * forMs) / readings
        if (reading < (readings * ignoredShare) / 2) await fill(world, dueMs)
        await sleep(Math.max(0, dueMs - performance.now()))
        const values = await churn.quietly(() => measure({ child, inspector, folder }))
        const hours = (performance.now() - sinceMs) / hourMs
        for (const [index, value] of values.entries()) points[index]?.push([hours, value])
        tell(`${reading + 1} of ${readings}`, values)
      }
      return { points, counts: churn.counts, ...(await sums({ child, inspector, folder }, sinceMs)) }
    } finally {
      await stopChild(child)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Breaks and repairs all targets until shortly before `untilMs`. */
async function fill(world: World, untilMs: number): Promise<void> {
  while (performance.now() + 4 * fillMs < untilMs)
    for (const isBroken of [true, false]) {
      world.breakAll(isBroken)
      await sleep(fillMs)
    }
}

async function sums({ child }: Soaked, sinceMs: number) {
  const response = await fetch(`${child.url}/metrics`, { headers: { connection: 'close' } })
  const samples = parseExposition(await response.text())
  return {
    probes: total(samples, 'farmprobe_schedule_lag_seconds_count'),
    missed: total(samples, 'farmprobe_missed_slots_total'),
    cpuShare: cpuMicroseconds(child.pid) / 1000 / (performance.now() - sinceMs),
    traces: child.lines.filter(isStackTrace),
  }
}

function tell(reading: string, values: readonly number[]): void {
  const shown = quantities.map(({ name }, index) => `${name} ${(values[index] ?? 0).toFixed(1)}`)
  process.stderr.write(`${reading}  ${shown.join('  ')}\n`)
}

interface Row {
  readonly name: string
  readonly first: number
  readonly last: number
  readonly slope: Slope
  readonly judgement: Judgement | ''
}

function rowsOf({ points }: Soak, options: Options): Row[] {
  const { forMs } = options
  return quantities.map(({ name, allowed }, index) => {
    const own = (points[index] ?? []).slice(Math.round(readingsIn(options) * ignoredShare))
    const [[fromHours, first] = [0, 0]] = own
    const [untilHours, last] = own.at(-1) ?? [0, 0]
    const slope = slopeOf(own)
    const once = allowed && (forMs < filledMs ? (allowed.whileFilling ?? allowed.anyway) : allowed.anyway)
    const perHour = allowed && allowed.perHour + (once ?? 0) / (untilHours - fromHours)
    return { name, first, last, slope, judgement: perHour === undefined ? '' : judge(slope, perHour) }
  })
}

const heading = ['what', 'first', 'last', 'growth an hour (95 %)', 'verdict']

const cells = ({ name, first, last, slope: { perHour, low, high }, judgement }: Row) => [
  name,
  first.toFixed(1),
  last.toFixed(1),
  `${perHour.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
  judgement,
]

/** Of docs/soak.md. */
const introduction = `# Soak

<!-- Generated: npm run soak -- --for 2h --markdown > docs/soak.md -->

\`npm run soak -- --for 2h\` gives one \`farmprobe run\` a long busy life on four farms of a balancer and five nodes, each target
probed four or five times a second: recycles with cold first requests, outages, nodes that change places in the configuration
and in files of targets, reloads, scrapes, reads of every API, pages opened and closed, all by chance and the same for a
\`--seed\`. 120 times, or once a second, it is looked at: what lives after a garbage collection on all threads, resident
memory, descriptors, threads, series, how far the journal is behind.

The first third does not count: code is compiled, and what remembers a fixed number of things (20,000 probes and 10,000 events,
some 40 MiB) is filled by outages of everything. A line through the rest, with the interval in which its slope lies in 95 of 100
cases, decides: *GROWS* (exit code 1) when the interval lies above what an hour may add, *no growth* when it lies below, and
*not proven* when the time was too short to say. \`--short\` takes a minute, and finds gross leaks only.

The names of nodes come from a stock of forty a farm. The journal keeps the name of every series that ever was, in the file and in
memory (some 350 bytes each): names that never come again do add up.`

function shown(soaked: Soak, rows: readonly Row[], { forMs, seed, shownAs }: Options): string {
  if (shownAs === 'json') return JSON.stringify({ forMs, seed, rows, ...soaked }, null, 2)
  const table = { heading, rows: rows.map(cells) }
  const happened = Object.entries(soaked.counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
  const { probes, missed, cpuShare } = soaked
  return [
    ...(shownAs === 'markdown' ? [introduction, asMarkdown(table)] : [asText(table)]),
    `${formatDuration(forMs)}, seed ${seed}: ${probes} probes, ${missed} slots missed, ${happened}; ` +
      `${cpuShare.toFixed(2)} of a core; ${soaked.traces.length} stack traces in the log.`,
    machineLine(),
  ].join('\n\n')
}

async function main(options: Options): Promise<number> {
  const soaked = await soak(options)
  const rows = rowsOf(soaked, options)
  process.stdout.write(`${shown(soaked, rows, options)}\n`)
  const isBad = rows.some(({ judgement }) => judgement === 'GROWS') || soaked.traces.length > 0
  return isBad ? 1 : 0
}

function asked(): Options | undefined {
  try {
    return optionsOf(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
    return undefined
  }
}

// Without a handler a signal would end Node before its 'exit' handlers end the children.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const options = asked()
if (options !== undefined) process.exitCode = await main(options)
