/** How long each part measures: whole for figures to quote, short to see in CI that everything still runs. */
export interface Plan {
  /** How often a measurement is repeated; the median is reported. */
  readonly rounds: number
  /** The same for the 99th percentile of the first-byte error, which differs by half from one round to the next. */
  readonly accuracyRounds: number
  /** From a start to the first measurement. Node goes on compiling what runs often, and ever better, for a while. */
  readonly warmUpMs: number
  /** One measurement of processor time or accuracy: a multiple of the time between scrapes. */
  readonly windowMs: number
  /** From the start of busy processes to the measurement beside them. */
  readonly pressureMs: number
  /** From a start to the last reading of memory. */
  readonly settleMs: number
  /** One step of the search for the highest rate. */
  readonly stepMs: number
  readonly starts: number
  /** How long the page stays open in a browser. */
  readonly pageMs: number
  /** Farms of ten targets in the configuration that a shard reads. */
  readonly farmsRead: number
}

export const whole: Plan = {
  rounds: 3,
  accuracyRounds: 5,
  warmUpMs: 30_000,
  windowMs: 15_000,
  pressureMs: 15_000,
  settleMs: 60_000,
  stepMs: 6000,
  starts: 5,
  pageMs: 600_000,
  farmsRead: 10_000,
}

export const short: Plan = {
  rounds: 1,
  accuracyRounds: 1,
  warmUpMs: 3000,
  windowMs: 5000,
  pressureMs: 8000,
  settleMs: 9000,
  stepMs: 2000,
  starts: 3,
  pageMs: 5000,
  farmsRead: 500,
}
