/** What a fault is: something done to a running farmprobe, and the result that is expected. */

import type { Allowances } from './health.ts'
import type { Child, Launch } from './support/child.ts'
import type { Inspector } from './support/inspector.ts'
import type { Reading, Scraper } from './support/scraper.ts'

/** What this machine has to allow. */
export type Need = 'root' | 'faketime'

/** What a fault may use: a short form for CI, and `experiment`, which starts farmprobe and compares before with after. */
export interface Runner {
  readonly short: boolean
  readonly experiment: Experiment
}

/** What is configured beside the healthy farm, and how the process is started. */
export interface Setup extends Omit<Launch, 'configFile'> {
  /** Farms that a reload adds after the first reading and another removes before the last. */
  readonly farms?: readonly object[]
  /** Further keys of the configuration. */
  readonly config?: object
  /** What may be otherwise afterwards. */
  readonly allow?: Allowances
  /** Nothing scrapes it while the fault lasts. */
  readonly unscraped?: true
}

/** A farmprobe under test, with everything that a fault needs to act on it and to observe it. */
export interface RunningFarmprobe {
  readonly child: Child
  readonly inspector: Inspector
  readonly scraper: Scraper
  /** A folder of its own, where its configuration and journal are. */
  readonly folder: string
  readonly configFile: string
  readonly journal: string
  /** The reading before the fault. */
  readonly before: Reading
  /** Writes a new configuration: the healthy farm and these. */
  configure(farms: readonly object[]): void
  /** The text of such a configuration. */
  configText(farms: readonly object[]): string
  /** Probes of a farm by result since `before`. */
  results(farm: string): Promise<Record<string, number>>
  /** By how much a metric, summed, has grown since `before`. */
  grown(metric: string, labels?: Record<string, string>): Promise<number>
  value(metric: string, labels?: Record<string, string>): Promise<number>
  /** Waits for a condition. Rejects with a Miss when it does not hold in time. */
  until(what: string, isSo: () => boolean | Promise<boolean>, withinMs?: number): Promise<void>
}

/**
 * Starts farmprobe on a healthy farm and on what `setup` adds, injects the fault, and compares what was before with what
 * is after. `inject` returns what it saw, in words.
 */
type Experiment = (setup: Setup, inject: (farmprobe: RunningFarmprobe) => Promise<string>) => Promise<Result>

export interface Fault {
  /** To select it by, such as `tls-expired`. */
  readonly name: string
  readonly expected: string
  /** Where one of these is missing the fault is not run, and the report says so. */
  readonly needs?: readonly Need[]
  /** Nothing else may run on the machine meanwhile. */
  readonly alone?: true
  /** It takes too long for the short form. */
  readonly long?: true
  run(runner: Runner): Promise<Result>
}

/** The result of a fault. */
export interface Result {
  /** What the fault itself led to. */
  readonly seen: string
  /** How farmprobe was when the fault was over. */
  readonly after: string
  /** What should have been otherwise; none when all is as expected. */
  readonly misses: readonly string[]
}

/** Something was not as expected: thrown where a fault cannot go on. */
export class Miss extends Error {}
