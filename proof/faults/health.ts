/** The health of a farmprobe, read before a fault and after it, and what must not differ. */
import { descriptorsOf, residentBytes, threadsOf } from '../processes.ts'
import type { Child } from './support/child.ts'
import { countingSlack, courseBetween, startedWithin } from './support/healthy_farm.ts'
import type { Inspector } from './support/inspector.ts'
import type { Reading, Scraper } from './support/scraper.ts'

/** What a fault may change; everything else must be as before. */
export interface Allowances {
  /** Slots of the healthy farm may be missed, if they are counted. */
  readonly missed?: true
  /** Reasons other than `ok` that probes of the healthy farm may have. */
  readonly reasons?: readonly string[]
  /** The process is to end. */
  readonly ends?: true
  /** MiB that stay in memory on purpose, beyond the general bound. */
  readonly liveMiB?: number
  readonly residentMiB?: number
  /** Descriptors that are opened once and kept. */
  readonly descriptors?: number
}

export interface Health {
  readonly reading: Reading
  readonly liveBytes: number
  readonly residentBytes: number
  readonly descriptors: number
  readonly threads: number
}

interface Place {
  readonly child: Child
  readonly inspector: Inspector
  readonly scraper: Scraper
}

const mebibyte = 2 ** 20
/** Live memory after a collection may grow by this much: compiled code, and remembered events with their probes. */
const liveBoundMiB = 8
/** The kernel's count also holds what V8 and malloc keep for later. */
const residentBoundMiB = 64
/** A start within this many seconds of its slot is on time: a bucket of the lag's histogram. */
const onTimeSeconds = 0.05
const onTimeShare = 0.9

export async function readHealth({ child: { pid }, inspector, scraper }: Place): Promise<Health> {
  const reading = await scraper.read()
  const liveBytes = await inspector.liveBytes()
  return {
    reading,
    liveBytes,
    residentBytes: residentBytes(pid),
    descriptors: descriptorsOf(pid),
    threads: threadsOf(pid),
  }
}

/**
 * Whether everything that recovers by itself has recovered: punctuality, and the resources, which are given back after a
 * while; V8 frees what it collected when its helper thread finds a processor.
 */
export const isRecovered = (before: Health, over: Reading, after: Health, allow: Allowances) =>
  isOnTime(over, after.reading) && resourceMisses(before, after, allow).length === 0

const isOnTime = (from: Reading, to: Reading) => startedWithin(onTimeSeconds, from, to) >= onTimeShare

/** Everything that is not as before, in words. `over` was read when the fault had just ended. */
export async function differences(
  place: Place,
  before: Health,
  over: Reading,
  after: Health,
  allow: Allowances,
): Promise<string[]> {
  return [
    ...courseMisses(before, over, after, allow),
    ...place.scraper.falls.slice(0, 3).map((fall) => `a counter: ${fall}`),
    ...resourceMisses(before, after, allow),
    ...place.child.lines
      .filter(isStackTrace)
      .slice(0, 3)
      .map((line) => `in the log: ${line.slice(0, 300)}`),
    ...(await acceptedWrites(place.child.url)),
  ]
}

function courseMisses(before: Health, over: Reading, after: Health, allow: Allowances): string[] {
  const misses: string[] = []
  const whole = courseBetween(before.reading, after.reading)
  const unaccounted = whole.due - whole.probed - whole.missed
  if (Math.abs(unaccounted) > countingSlack)
    misses.push(
      `of ${Math.round(whole.due)} slots of the healthy farm ${whole.probed} were probed, ${whole.missed} missed`,
    )
  if (whole.missed > 0 && !allow.missed) misses.push(`the healthy farm missed ${whole.missed} slots`)
  const failed = Object.entries(whole.failed).filter(([reason]) => !allow.reasons?.includes(reason))
  if (failed.length > 0) misses.push(`probes of the healthy farm failed: ${JSON.stringify(whole.failed)}`)
  const recovered = courseBetween(over, after.reading)
  if (recovered.missed > 0) misses.push(`${recovered.missed} slots were missed after the fault`)
  if (!isOnTime(over, after.reading))
    misses.push(`after the fault only ${onTime(over, after.reading)} of probes started on time`)
  return misses
}

function resourceMisses(before: Health, after: Health, allow: Allowances): string[] {
  const misses: string[] = []
  const grown = (what: 'liveBytes' | 'residentBytes') => (after[what] - before[what]) / mebibyte
  const live = liveBoundMiB + (allow.liveMiB ?? 0)
  if (grown('liveBytes') > live) misses.push(`live memory grew by more than ${live} MiB`)
  const resident = residentBoundMiB + (allow.residentMiB ?? 0)
  if (grown('residentBytes') > resident) misses.push(`resident memory grew by more than ${resident} MiB`)
  if (after.descriptors > before.descriptors + (allow.descriptors ?? 0))
    misses.push(`descriptors leaked: ${before.descriptors}, then ${after.descriptors}`)
  if (after.threads > before.threads) misses.push(`threads leaked: ${before.threads}, then ${after.threads}`)
  return misses
}

/** A line of a stack trace, alone or within another text, or a warning of Node about us. */
export const isStackTrace = (line: string) =>
  /\bat (\S+ ){0,3}\(?(file:|node:|\/)\S+:\d+:\d+/.test(line) || /^\(node:\d+\)|Uncaught|"stack"/.test(line)

/** Changes over HTTP are not enabled: every request for one must be refused. */
async function acceptedWrites(url: string): Promise<string[]> {
  const accepted: string[] = []
  for (const path of ['/-/reload', '/api/v1/maintenance']) {
    const response = await fetch(`${url}${path}`, { method: 'POST', headers: { connection: 'close' } })
    await response.arrayBuffer()
    if (response.status < 400) accepted.push(`POST ${path} was accepted (${response.status})`)
  }
  return accepted
}

/** The health at the end, in words. */
export function describeHealth(before: Health, over: Reading, after: Health): string {
  const { missed } = courseBetween(before.reading, after.reading)
  const change = (what: 'liveBytes' | 'residentBytes') => signed((after[what] - before[what]) / mebibyte)
  return [
    `${missed} missed`,
    `${onTime(over, after.reading)} on time`,
    `live ${change('liveBytes')} MiB`,
    `RSS ${change('residentBytes')} MiB`,
    `${after.descriptors} fds (${before.descriptors})`,
    `${after.threads} threads (${before.threads})`,
  ].join(', ')
}

const onTime = (from: Reading, to: Reading) => `${Math.round(100 * startedWithin(onTimeSeconds, from, to))} %`

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(1)}`
