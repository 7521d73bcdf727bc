/** Parts of the rules' expressions. */

/** A series is taken as still there for so long after its last sample: at scrapes every 60 s, one scrape may be lost. */
const heardWithin = '3m'

/** The last sample, also while a scrape is lost: the instant value would be absent until the next one. */
export const latest = (series: string, offset = ''): string =>
  `last_over_time(${series}[${heardWithin}]${offset === '' ? '' : ` offset ${offset}`})`

/**
 * By how much a counter has grown within the window, exactly: `increase` extrapolates, by an amount that depends on the
 * scrape interval and differs between Prometheus 2 and 3. Where scrapes are slower than the window, it is the growth
 * between the last two. A series that is new has grown from its first sample; one that is less than before, because
 * farmprobe restarted, from zero.
 */
export function growth(counter: string, window: '1m' | '5m'): string {
  const first = `min_over_time(${counter}[${window === '1m' ? heardWithin : window}])`
  const before = `(${latest(counter, window)} or ${first})`
  return `(${latest(counter)} - ${before} >= 0 or ${latest(counter)} < ${before})`
}

/** The same within a minute, of a sum that is recorded. */
export function grown(sum: string): string {
  const before = `(${sum} offset 1m or min_over_time(${sum}[1m]))`
  return `(${sum} - ${before} >= 0 or ${sum} < ${before})`
}

/** By how much it has grown since the first scrape of the window, or since a restart in it; cheaper. */
export const risen = (counter: string, window: '15m'): string =>
  `(${latest(counter)} - min_over_time(${counter}[${window}]))`

/**
 * Only farms that are watched and not in maintenance, and were not within 5 minutes: what failed in maintenance, and nodes
 * that are still starting after it, alert nobody. Farms that left the configuration end their alerts within 5 minutes.
 * Farms that only a starved farmprobe watches are left out: FarmprobeBlind or FarmprobeOverloaded tells of those.
 */
export const whileWatched = `and on (farm) max by (farm) (max_over_time(farmprobe_in_maintenance[5m])) == 0
unless on (farm) farm:farmprobe_unreliable:bool`

/** For recordings of what happened within a minute. */
export const outsideMaintenance =
  'and on (farm) max by (farm) (max_over_time(farmprobe_in_maintenance[3m])) == 0'

/** The same, without what a starved farmprobe measured. */
export const whileReliable = `${outsideMaintenance}\nunless on (farm) farm:farmprobe_unreliable:bool`

/**
 * Only farms that are still configured. For findings, which look back over recordings that leave maintenance out: their
 * tickets stay open during maintenance, instead of being opened again after each.
 */
export const whileConfigured = 'and on (farm) last_over_time(farmprobe_in_maintenance[5m])'

/** How many farmprobes watch each farm. */
const watchers = 'on (farm) group_left () farm:farmprobe_watchers:count'

/** Events are seen by every farmprobe that watches the farm: as many count as one. */
export const onceEach = (labels: string, events: string): string =>
  `sum by (${labels}) (${events})\n  / ${watchers}`

/**
 * A finding stays a ticket until it has not been made for so long: longer than the 29 h after which IIS recycles workers
 * by default, so that what each recycle shows stays one ticket.
 */
export const findingHold = '36h'

/** Indents the lines of an expression, for use inside another one. */
export const indent = (text: string, by = 2): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))

export const anyOf = (expressions: readonly string[]): string =>
  expressions.map((each) => `(\n${indent(each)}\n)`).join('\nor\n')
