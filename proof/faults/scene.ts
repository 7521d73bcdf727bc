/** One fault brought about on one process: what a strike may do and see, and the look at the process before and after. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { total } from '../../test/support/rules/exposition.ts'
import { Miss, type Result } from './fault.ts'
import { type Allowances, comparison, isRecovered, look, type Standing, wordsOf } from './health.ts'
import { keepLooking } from './support/background.ts'
import { type Child, type Launch, startChild, stopChild } from './support/child.ts'
import { healthyFarm, resultsBetween } from './support/healthy_farm.ts'
import { type Inspector, inspect } from './support/inspector.ts'
import { createScraper, type Reading, type Scraper } from './support/scraper.ts'

/** What is to be there beside the healthy farm, and how the process is started. */
export interface Setup extends Omit<Launch, 'configFile'> {
  /** They come with a reload after the first look, and go with another before the last. */
  readonly farms?: readonly object[]
  /** Further keys of the configuration. */
  readonly config?: object
  /** What may be otherwise afterwards. */
  readonly allow?: Allowances
  /** Nobody scrapes while the fault lasts. */
  readonly unscraped?: true
}

export interface Scene {
  readonly child: Child
  readonly inspector: Inspector
  readonly scraper: Scraper
  /** A folder of its own, where its configuration and journal are. */
  readonly folder: string
  readonly configFile: string
  readonly journal: string
  /** The first look. */
  readonly before: Reading
  /** Writes its configuration anew: the healthy farm and these. */
  configure(farms: readonly object[]): void
  /** The text of such a configuration. */
  configText(farms: readonly object[]): string
  /** Probes of a farm by result since the first look. */
  results(farm: string): Promise<Record<string, number>>
  /** The value of a metric, summed, since the first look. */
  grown(metric: string, labels?: Record<string, string>): Promise<number>
  value(metric: string, labels?: Record<string, string>): Promise<number>
  /** Waits until something is so; a Miss when it is not within the time. */
  until(what: string, isSo: () => boolean | Promise<boolean>, withinMs?: number): Promise<void>
}

const settledMs = 1500
const recoveryMs = 2000
/** Connections end and other programs hold up the machine in their own time. */
const recoveryTries = 4

/** Starts farmprobe, strikes, and looks. `healthyPort`: where the targets of the healthy farm listen. */
export async function suffer(
  healthyPort: number,
  setup: Setup,
  strike: (scene: Scene) => Promise<string>,
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
      return await act(
        { child, inspector, scraper, folder, configFile, journal, configure, configText },
        setup,
        strike,
      )
    } finally {
      if (child.ended() === undefined) await stopChild(child)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Place = Omit<Scene, 'before' | 'results' | 'grown' | 'value' | 'until'>

async function act(place: Place, setup: Setup, strike: (scene: Scene) => Promise<string>): Promise<Result> {
  const { child, scraper } = place
  await sleep(settledMs)
  const before = await look(place)
  const scene: Scene = { ...place, before: before.reading, ...questions(scraper, before.reading) }
  const misses: string[] = []
  await using looking = setup.unscraped ? undefined : keepLooking(scraper)
  const seen = await among(scene, setup.farms ?? [], strike).catch((error: unknown) => {
    // The process is gone, or something was not as it should be: both are what this suite is there to see.
    misses.push(error instanceof Miss ? error.message : String(error))
    return 'not as expected'
  })
  await looking?.[Symbol.asyncDispose]()
  if (child.ended() !== undefined) return ended(child, setup, seen, misses)
  const { over, after } = await recovery(place, before, setup.allow ?? {})
  misses.push(...(await comparison(place, before, over, after, setup.allow ?? {})))
  // Node waits for a debugger to let go before it ends.
  place.inspector[Symbol.dispose]()
  const { exit, ms } = await stopChild(child)
  if (exit.code !== 0) misses.push(`SIGTERM ended it with ${exit.code ?? exit.signal}`)
  if (ms > 5000) misses.push(`SIGTERM took ${Math.round(ms)} ms`)
  return { seen, after: wordsOf(before, over, after), misses }
}

/** The looks at it a while apart in which it is as before, or the last that were tried. */
async function recovery(
  place: Place,
  before: Standing,
  allow: Allowances,
): Promise<{ over: Reading; after: Standing }> {
  let over = await place.scraper.read()
  for (let left = recoveryTries; ; left -= 1) {
    await sleep(recoveryMs)
    const after = await look(place)
    if (left === 0 || isRecovered(before, over, after, allow)) return { over, after }
    over = after.reading
  }
}

/** Strikes while these farms are in the plan. */
async function among(
  scene: Scene,
  farms: readonly object[],
  strike: (scene: Scene) => Promise<string>,
): Promise<string> {
  if (farms.length === 0) return strike(scene)
  await reload(scene, farms)
  try {
    return await strike(scene)
  } finally {
    if (scene.child.ended() === undefined) await reload(scene, [])
  }
}

/** Writes the configuration anew, with these farms beside the healthy one, and waits until it is in force. */
async function reload(scene: Scene, farms: readonly object[]): Promise<void> {
  const reloads = () => scene.child.lines.filter((line) => line.includes('"configuration reloaded"')).length
  const before = reloads()
  scene.configure(farms)
  scene.child.signal('SIGHUP')
  await scene.until('reload', () => reloads() > before, 20_000)
}

function ended(child: Child, { allow }: Setup, seen: string, misses: readonly string[]): Result {
  const { code, signal } = child.ended() ?? { code: null, signal: null }
  const told = allow?.ends ? [] : [`it ended (${code ?? signal}):\n${child.lines.slice(-5).join('\n')}`]
  return { seen, after: `ended with ${code ?? signal}`, misses: [...misses, ...told] }
}

function questions(scraper: Scraper, before: Reading) {
  const value: Scene['value'] = async (metric, labels = {}) =>
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
