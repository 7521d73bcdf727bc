/** One fault injected into one farmprobe, and how the process was before and after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { total } from '../../test/support/rules/exposition.ts'
import { Miss, type Result, type RunningFarmprobe, type Setup } from './fault.ts'
import {
  type Allowances,
  describeHealth,
  differences,
  type Health,
  isRecovered,
  readHealth,
} from './health.ts'
import { type Child, startChild, stopChild } from './support/child.ts'
import { healthyFarm, resultsBetween } from './support/healthy_farm.ts'
import { inspect } from './support/inspector.ts'
import { createScraper, type Reading, type Scraper, scrapeRegularly } from './support/scraper.ts'

const settledMs = 1500
const recoveryMs = 2000
/** Connections end and other programs hold up the machine in their own time. */
const recoveryTries = 4

/** Starts farmprobe, injects the fault, and compares. The targets of the healthy farm listen on `healthyPort`. */
export async function experiment(
  healthyPort: number,
  setup: Setup,
  inject: (farmprobe: RunningFarmprobe) => Promise<string>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-faults-'))
  const configFile = join(folder, 'farmprobe.yaml')
  const journal = join(folder, 'journal.db')
  // JSON is YAML.
  const configText = (farms: readonly object[]) =>
    JSON.stringify({
      web: { listen: '127.0.0.1:0' },
      journal: { path: journal },
      farms: [healthyFarm(healthyPort), ...farms],
      ...setup.config,
    })
  const configure = (farms: readonly object[]) => writeFileSync(configFile, configText(farms))
  configure([])
  try {
    const child = await startChild({ ...setup, configFile })
    try {
      using inspector = await inspect(child.inspectorUrl)
      const scraper = createScraper(child.url)
      return await observe(
        { child, inspector, scraper, folder, configFile, journal, configure, configText },
        setup,
        inject,
      )
    } finally {
      if (child.ended() === undefined) await stopChild(child)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Place = Omit<RunningFarmprobe, 'before' | 'results' | 'grown' | 'value' | 'until'>

async function observe(
  place: Place,
  setup: Setup,
  inject: (farmprobe: RunningFarmprobe) => Promise<string>,
): Promise<Result> {
  const { child, scraper } = place
  await sleep(settledMs)
  const before = await readHealth(place)
  const farmprobe: RunningFarmprobe = {
    ...place,
    before: before.reading,
    ...questions(scraper, before.reading),
  }
  const misses: string[] = []
  await using scraping = setup.unscraped ? undefined : scrapeRegularly(scraper)
  const seen = await withFarms(farmprobe, setup.farms ?? [], inject).catch((error: unknown) => {
    // The process has ended, or something was not as expected: both are results.
    misses.push(error instanceof Miss ? error.message : String(error))
    return 'not as expected'
  })
  await scraping?.[Symbol.asyncDispose]()
  if (child.ended() !== undefined) return ended(child, setup, seen, misses)
  const { over, after } = await recovery(place, before, setup.allow ?? {})
  misses.push(...(await differences(place, before, over, after, setup.allow ?? {})))
  // Node waits for a debugger to let go before it ends.
  place.inspector[Symbol.dispose]()
  const { exit, ms } = await stopChild(child)
  if (exit.code !== 0) misses.push(`SIGTERM ended it with ${exit.code ?? exit.signal}`)
  if (ms > 5000) misses.push(`SIGTERM took ${Math.round(ms)} ms`)
  return { seen, after: describeHealth(before, over, after), misses }
}

/** The first two readings, a while apart, in which it is as before; the last two when it never is. */
async function recovery(
  place: Place,
  before: Health,
  allow: Allowances,
): Promise<{ over: Reading; after: Health }> {
  let over = await place.scraper.read()
  for (let left = recoveryTries; ; left -= 1) {
    await sleep(recoveryMs)
    const after = await readHealth(place)
    if (left === 0 || isRecovered(before, over, after, allow)) return { over, after }
    over = after.reading
  }
}

/** Injects the fault while these farms are configured. */
async function withFarms(
  farmprobe: RunningFarmprobe,
  farms: readonly object[],
  inject: (farmprobe: RunningFarmprobe) => Promise<string>,
): Promise<string> {
  if (farms.length === 0) return inject(farmprobe)
  await reload(farmprobe, farms)
  try {
    return await inject(farmprobe)
  } finally {
    if (farmprobe.child.ended() === undefined) await reload(farmprobe, [])
  }
}

/** Writes a new configuration, with these farms beside the healthy one, and waits until it is in force. */
async function reload(farmprobe: RunningFarmprobe, farms: readonly object[]): Promise<void> {
  const reloads = () =>
    farmprobe.child.lines.filter((line) => line.includes('"configuration reloaded"')).length
  const before = reloads()
  farmprobe.configure(farms)
  farmprobe.child.signal('SIGHUP')
  await farmprobe.until('reload', () => reloads() > before, 20_000)
}

function ended(child: Child, { allow }: Setup, seen: string, misses: readonly string[]): Result {
  const { code, signal } = child.ended() ?? { code: null, signal: null }
  const unexpected = allow?.ends ? [] : [`it ended (${code ?? signal}):\n${child.lines.slice(-5).join('\n')}`]
  return { seen, after: `ended with ${code ?? signal}`, misses: [...misses, ...unexpected] }
}

function questions(scraper: Scraper, before: Reading) {
  const value: RunningFarmprobe['value'] = async (metric, labels = {}) =>
    total((await scraper.read()).samples, metric, labels)
  return {
    value,
    async results(farm: string) {
      return resultsBetween(before, await scraper.read(), farm)
    },
    async grown(metric: string, labels: Record<string, string> = {}) {
      return (await value(metric, labels)) - total(before.samples, metric, labels)
    },
    async until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 5000) {
      const endMs = performance.now() + withinMs
      while (!(await isSo())) {
        if (performance.now() > endMs) throw new Miss(`no ${what} within ${withinMs} ms`)
        await sleep(50)
      }
    },
  }
}
