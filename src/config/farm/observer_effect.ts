/** Warns where probing changes what it measures, or measures something else than intended, with the numbers. */
import { parse } from 'node-cron'
import type { Check, Farm } from '../../model/farm.ts'
import { formatDuration, minuteMs } from '../../runtime/duration.ts'
import { greatest } from '../../runtime/extremes.ts'
import { firstOfMany } from '../../runtime/first_of_many.ts'
import type { FarmDefinition } from '../config.ts'

/** IIS stops an application pool without a request for this long by default, in milliseconds. */
const idleTimeoutMs = 20 * minuteMs

const idleTimeout = `the idle time-out of ${formatDuration(idleTimeoutMs)} that IIS has by default`

/** Files of these kinds are served by the web server itself. */
const staticPath = /\.(txt|html?|css|m?js|png|jpe?g|gif|svg|webp|ico|woff2?|xml|pdf|map)$/i

/** A warning about a farm, without its name. */
type Warning = (farm: Farm) => string | undefined

/** One line for each distinct warning, naming the farms that it is about. */
export function observerWarnings(definitions: readonly FarmDefinition[]): string[] {
  const warned = [canaryTooOften, looksStatic, cacheable].flatMap((warn) =>
    definitions.flatMap(({ farm }) => {
      const text = warn(farm)
      return text === undefined ? [] : [{ text, name: farm.name }]
    }),
  )
  const byText = Map.groupBy(warned, ({ text }) => text)
  const others = [...byText].map(([text, same]) => `${named(same.map(({ name }) => name))}: ${text}`)
  return [...keepsAwake(definitions), ...others]
}

const named = (names: readonly string[]) =>
  names.length === 1 ? `farm ${names[0]}` : `farms ${firstOfMany(names, 5)}`

/** Probing hides idle cold starts, which one line tells of all farms. */
function keepsAwake(definitions: readonly FarmDefinition[]): string[] {
  const awake = definitions
    .map((definition) => ({ name: definition.farm.name, requests: requestsOfNode(definition) }))
    .filter(({ requests }) => requests >= 1)
  if (awake.length === 0) return []
  const most = Math.floor(greatest(awake.map(({ requests }) => requests)))
  const names = named(awake.map(({ name }) => name))
  return [
    `${names}: probing keeps application pools awake (${most} requests a node within ${idleTimeout}), so that cold ` +
      'starts after idling are not seen; a check with canary: true shows them',
  ]
}

/** What each node gets within the idle time-out. A farm with a canary check is expected to know that; one without nodes has nothing to see. */
function requestsOfNode({ farm: { nodes, checks, affinity }, discover }: FarmDefinition): number {
  if (checks.some(({ canary }) => canary) || (nodes.length === 0 && discover === undefined)) return 0
  const direct = requests(checks.filter(({ targets }) => targets.includes('node')))
  const balanced = requests(checks.filter(({ targets }) => targets.includes('balancer')))
  return direct + balanced / Math.max(1, nodes.length) + (affinity === undefined ? 0 : balanced)
}

/** How many requests the checks send to each of their targets within the idle time-out. */
const requests = (checks: readonly Check[]) =>
  checks.reduce((sum, { schedule }) => sum + idleTimeoutMs / gapMs(schedule), 0)

const gapMs = (schedule: Check['schedule']) =>
  schedule.kind === 'interval' ? schedule.intervalMs : smallestGapMs(schedule.cron)

const daySeconds = 86_400

/**
 * The shortest time between two runs of a cron expression, in milliseconds; of one that runs once a day or less
 * often, a day.
 */
export function smallestGapMs(cron: string): number {
  const { hour, minute, second } = parse(cron)
  const times = hour
    .flatMap((h) => minute.flatMap((m) => second.map((s) => h * 3600 + m * 60 + s)))
    .toSorted((a, b) => a - b)
  const gaps = times.map((time, index) => (times[index + 1] ?? (times[0] ?? 0) + daySeconds) - time)
  return gaps.reduce((least, gap) => Math.min(least, gap), daySeconds) * 1000
}

const canaryTooOften: Warning = ({ checks }) => {
  const often = checks.filter(({ canary, schedule }) => canary && gapMs(schedule) <= idleTimeoutMs)
  if (often.length === 0) return undefined
  const sums = often.map((check) => `${check.name} every ${formatDuration(gapMs(check.schedule))}`)
  return (
    `a canary comes before the pool can idle out: ${sums.join(', ')}, and ${idleTimeout} is no ` +
    'shorter; write a cron with longer gaps, such as "0 */4 * * *"'
  )
}

const looksStatic: Warning = ({ checks }) => {
  const found = checks.filter(({ path }) => staticPath.test(path.replace(/\?.*$/, '')))
  if (found.length === 0) return undefined
  return (
    `${listed(found)} static: a web server answers such files without the application, which may be ` +
    'cold or down meanwhile; choose a page that the application makes'
  )
}

const cacheable: Warning = ({ checks }) => {
  const found = checks.filter(couldBeCached)
  if (found.length === 0) return undefined
  return (
    `${listed(found)} as if a cache could answer: without cache_bust, query and credentials the kernel ` +
    'of Windows or a proxy may answer while the application is down; write cache_bust: true, and keep the path out ' +
    'of the cache of Application Request Routing, which ignores queries'
  )
}

function couldBeCached({ method, path, cacheBust, authorization, windowsAuth, headers }: Check): boolean {
  if (cacheBust || path.includes('?') || (authorization ?? windowsAuth) !== undefined) return false
  const names = headers.map(([name]) => name.toLowerCase())
  return (method === 'GET' || method === 'HEAD') && !names.includes('authorization')
}

function listed(checks: readonly Check[]): string {
  const words = checks.map(({ name, path }) => `${name} (${path})`)
  return `${words.join(', ')} ${words.length === 1 ? 'looks' : 'look'}`
}
