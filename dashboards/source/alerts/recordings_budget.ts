/** The error budget: 99.9 % of the balancer's probes succeed within 30 days, maintenance left out. */
import type { Recording } from './alert.ts'
import { failures, probes, steps, sumOver } from './recordings_minutes.ts'

/** The share of probes that may fail. */
const budget = 0.001

const probes5m = 'farm:farmprobe_balancer_probes:5m'
const failures5m = 'farm:farmprobe_balancer_failures:5m'
const probes1h = 'farm:farmprobe_balancer_probes:1h'
const failures1h = 'farm:farmprobe_balancer_failures:1h'

/** The share of probes that failed, where a window's budget burns too fast. */
export const budgetBurn = 'farm:farmprobe_budget_burn:ratio'

type Window = Parameters<typeof sumOver>[1]

interface Burn {
  readonly long: Window
  /** Ends the alert soon after the trouble. */
  readonly short: Window
  /** How many times faster than the budget allows. */
  readonly factor: number
}

/** From the SRE workbook: 2 % of the budget within an hour or 5 % within six page, 10 % within a day or three are a ticket. */
const burns: readonly Burn[] = [
  { long: '1h', short: '5m', factor: 14.4 },
  { long: '6h', short: '30m', factor: 6 },
  { long: '1d', short: '2h', factor: 3 },
  { long: '3d', short: '6h', factor: 1 },
]

/** Fewer failures than this are no reason to alert, however few probes there are. */
const leastFailures = 5

/** Windows of a day and more are sums of full hours, shorter ones of steps of five minutes. */
const step = (window: Window): '1h' | '5m' => (window.endsWith('d') ? '1h' : '5m')

function sum(what: 'probes' | 'failures', window: Window): string {
  const recorded = {
    '5m': { probes: probes5m, failures: failures5m },
    '1h': { probes: probes1h, failures: failures1h },
  }
  return `sum_over_time(${recorded[step(window)][what]}${steps(window, step(window))})`
}

const ratio = (window: Window) => `${sum('failures', window)} / ${sum('probes', window)}`

/** The short window of a slow check may hold no probe: it then speaks neither for nor against an end. */
const burning = ({ long, short, factor }: Burn) => `${ratio(long)} > ${factor} * ${budget}
unless ${ratio(short)} <= ${factor} * ${budget}
and ${sum('failures', long)} >= ${leastFailures}`

/** Two farmprobes make twice as many probes of a farm: the mean of both counts. */
const perWatcher = (sums: string) => `(${sums})
  / on (farm) farm:farmprobe_watchers:count`

const ofBalancers = (recorded: string) => `sum by (farm) (${sumOver(`${recorded}{role="balancer"}`, '5m')})`

export const budgetRecordings: readonly Recording[] = [
  { record: probes5m, expr: perWatcher(ofBalancers(probes)) },
  {
    record: failures5m,
    expr: perWatcher(`${ofBalancers(failures)} or 0 * ${ofBalancers(probes)}`),
  },
  { record: probes1h, expr: `sum_over_time(${probes5m}${steps('1h', '5m')})` },
  { record: failures1h, expr: `sum_over_time(${failures5m}${steps('1h', '5m')})` },
  ...burns.map((burn) => ({
    record: budgetBurn,
    labels: { window: burn.long },
    expr: burning(burn),
  })),
]
