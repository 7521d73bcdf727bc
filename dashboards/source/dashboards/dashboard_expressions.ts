/** Pieces of PromQL that panels are made of: selectors that follow the variables, and the windows to look at. */

export type Select = (metric: string, ...matchers: readonly string[]) => string

/** A metric of the probers chosen. */
export const ofProbers: Select = (metric, ...matchers) =>
  `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`

/** Restricts a metric that other programs have too to farmprobe: with `All` selected, `$job` matches every job. */
export const itself = ` and on (job, instance) ${ofProbers('farmprobe_build_info')}`

/** A metric that is not farmprobe's own, of the probers chosen. */
export const ofItself = (metric: string) => ofProbers(metric) + itself

/** A metric of the farms chosen. */
export const ofFarms: Select = (metric, ...matchers) => ofProbers(metric, 'farm=~"$farm"', ...matchers)

/** A metric of the checks chosen, of the farms chosen. */
export const ofChecks: Select = (metric, ...matchers) => ofFarms(metric, 'check=~"$check"', ...matchers)

/** A metric of the one farm chosen: variables with a single value are not regular expressions. */
export const ofFarm: Select = (metric, ...matchers) => ofProbers(metric, 'farm="$farm"', ...matchers)

/** Targets asked at their own address: not nodes through the balancer, which have the names of nodes. */
export const asked = 'role!="through"'

/** A metric of the one node (or balancer) chosen. */
export const ofNode: Select = (metric, ...matchers) => ofFarm(metric, 'target="$node"', ...matchers)

/** A metric of the checks chosen, on the one node chosen. */
export const ofNodeChecks: Select = (metric, ...matchers) => ofNode(metric, 'check=~"$check"', ...matchers)

export const rate = (series: string) => `rate(${series}[$__rate_interval])`

/**
 * How many there were around each point. Not `$__interval`: at a fine zoom that is one scrape, in which no increase
 * can be seen.
 */
export const increase = (series: string) => `increase(${series}[$__rate_interval])`

/** How many there were in the whole time shown; for instant queries. */
export const inRange = (series: string) => `increase(${series}[$__range])`

/** The same at every point of a range query, so that a choice made by it does not change along the graph. */
export const inRangeAtEnd = (series: string) => `increase(${series}[$__range] @ end())`

/**
 * How many there were in windows of a counter whose series begin with 1, at their first event: one more than the
 * increase where a window begins without the series. Windows are those before each point, or `ahead` of it.
 */
export function firstAndLater(series: string, window: string, where?: 'ahead'): string {
  const [shifted, start] = where === 'ahead' ? [` offset -${window}`, ''] : ['', ` offset ${window}`]
  const later = `increase(${series}[${window}]${shifted})`
  return `(${later} + 1\n  unless ${series}${start}\n  or (${later}))`
}

/**
 * How many there were around each point, of a counter whose series begin with their first events: what a new one says is
 * its increase, if its prober was scraped before.
 */
export const increaseFromFirst = (series: string) => `(
  ${series}
  unless ${series} offset $__rate_interval
  and on (job, instance) ${ofProbers('farmprobe_build_info')} offset $__rate_interval
  or (${increase(series)})
)`

export const sumBy = (labels: string, series: string) => `sum by (${labels}) (${series})`

/** No point rather than 0 / 0: a missing point can be bridged, and leaves a cell of a table empty. */
export const ratio = (part: string, whole: string) => `${part}\n  / (${whole} > 0)`

/** No point rather than a quantile of nothing, for the same reason. */
export const quantile = (q: number, by: string, buckets: string) =>
  `histogram_quantile(${q}, sum by (${by}) (${buckets})) >= 0`

/** Only those of `series` whose farm and target are in `choice`. */
export const among = (choice: string, series: string) => `${series}\n  and on (farm, target) ${choice}`

/**
 * What the mean time to first byte would be if every check took its normal time: baselines, weighted by how often
 * each was measured. `window` turns a counter into a number, `select` selects the series.
 */
export function normalFirstByte(by: string, window: (series: string) => string, select: Select): string {
  const each = 'farm, target, check'
  const normal = `max by (${each}) (${select('farmprobe_baseline_first_byte_seconds')} > 0)`
  const weight = sumBy(each, window(select('farmprobe_first_byte_seconds_count', asked)))
  return ratio(sumBy(by, `${normal} * ${weight}`), sumBy(by, `${weight} and ${normal}`))
}

/** Ratios and quantiles use ticks only: bursts and sweeps probe often, and in trouble only. */
export const tick = 'lane="tick"'

export const onBalancer = 'role="balancer"'
export const onNodes = 'role="node"'
