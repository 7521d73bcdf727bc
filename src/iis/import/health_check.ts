import { placeText } from '../../model/place.ts'
import { formatDuration, hourMs } from '../../runtime/duration.ts'
import { quoted } from '../read/remark.ts'
import type { Setting } from '../read/setting.ts'
import type { HealthCheck, WebFarm } from '../read/web_farm.ts'
import { scalar, type YamlLines } from './yaml_lines.ts'

export const hostQuestion =
  'farmprobe sends nodes the host of the url, where ARR sends another one, as said below. Do their sites have a binding for it?'

/** ARR's own health check as a check of farmprobe, for the nodes only, as in ARR. */
export function writeHealthCheck({ name, health }: WebFarm, host: string, lines: YamlLines): void {
  const { ask, comment, decide, entry, item } = lines
  if (health.url.value === '') {
    comment(3, `ARR has no health check (${placeText(health.url.place)}): it cannot notice a cold server.`)
    return
  }
  const url = URL.parse(health.url.value)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    decide(3, `ARR's health check is no URL: ${quoted(health.url.value)} (${placeText(health.url.place)})`)
    return
  }
  const isOwnHost = [host, name.toLowerCase()].includes(url.hostname.toLowerCase())
  if (!isOwnHost) {
    comment(3, `ARR's health check sends the host ${quoted(url.hostname)}.`)
    ask(hostQuestion)
  }
  item()
  entry(4, 'name', 'health', `${placeText(health.url.place)}: ARR's health check`)
  entry(4, 'path', scalar(`${url.pathname}${url.search}`))
  writeTimes(health, lines)
  entry(4, 'targets', '[nodes]')
  writeExpectations(health, lines)
}

const within = (ms: number, least: number, most: number) => Math.min(most, Math.max(least, ms))

/** A duration as a configuration takes it. */
export const durationText = (ms: number): string => formatDuration(ms).replaceAll(' ', '')

function writeTimes({ intervalMs, timeoutMs }: HealthCheck, { entry }: YamlLines): void {
  const interval = within(intervalMs.value, 1000, hourMs)
  const timeout = within(timeoutMs.value, 1000, 4 * interval)
  entry(4, 'interval', durationText(interval), source(intervalMs))
  entry(4, 'timeout', durationText(timeout), source(timeoutMs))
  if (interval <= 1000) entry(4, 'burst', 'off')
}

function writeExpectations({ statusCodes, responseMatch }: HealthCheck, lines: YamlLines): void {
  const { ask, decide, entry, open } = lines
  open(4, 'expect')
  const ranges = statusRanges(statusCodes.value)
  if (ranges === undefined) decide(5, `which status codes are good? ARR's are ${quoted(statusCodes.value)}`)
  entry(5, 'status', `[${(ranges ?? ['200-399']).join(', ')}]`, source(statusCodes))
  if (responseMatch.value === '') {
    ask(
      'which words does only a working page contain, where ARR looks for none? Then below expect: body: { contains: Welcome }',
    )
    return
  }
  open(5, 'body')
  entry(6, 'contains', scalar(responseMatch.value), source(responseMatch))
}

const isRange = (range: string) => {
  const [, low = '', high = low] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(range) ?? []
  return low !== '' && low <= high
}

/** `200-399`, `200,204`: what both know how to write. */
function statusRanges(written: string): string[] | undefined {
  const ranges = written.split(',').map((range) => range.trim())
  return ranges.every(isRange) ? ranges : undefined
}

/** Where a value stands, or that it is ARR's default. */
export const source = ({ place, from }: Setting<unknown>): string =>
  from === 'schema' ? "ARR's default" : placeText(place)
