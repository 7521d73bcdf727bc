/** How farmprobe stands: looked at before a fault and after it, and what must not differ. */
import { residentBytes } from '../bench/children.ts'
import type { Child } from './support/child.ts'
import { countingSlack, courseBetween, startedWithin } from './support/healthy_farm.ts'
import type { Inspector } from './support/inspector.ts'
import { descriptorsOf, threadsOf } from './support/process_facts.ts'
import type { Reading, Scraper } from './support/scraper.ts'

/** What a fault may change; everything else has to be as before. */
export interface Allowances {
  /** Slots of the healthy farm may be missed; they have to be counted all the same. */
  readonly missed?: true
  /** Reasons other than `ok` that probes of the healthy farm may have. */
  readonly reasons?: readonly string[]
  /** The process is to end. */
  readonly ends?: true
  /** What stays in memory on purpose beyond the usual bound, in MiB. */
  readonly liveMiB?: number
  readonly residentMiB?: number
  /** Descriptors that are opened once and kept. */
  readonly descriptors?: number
}

export interface Standing {
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
/** What lives after a collection may grow by so much: code compiled meanwhile, events and their probes remembered. */
const liveBoundMiB = 8
/** The kernel's count also holds what V8 and malloc keep for later. */
const residentBoundMiB = 64
/** A start within this many seconds of its slot is on time: a bucket of the lag's histogram. */
const onTimeSeconds = 0.05
const onTimeShare = 0.9

export async function look({ child: { pid }, inspector, scraper }: Place): Promise<Standing> {
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

/** Whether what comes back by itself is back: punctuality, descriptors, threads. */
export const isRecovered = (before: Standing, over: Reading, after: Standing, allow: Allowances) =>
  isOnTime(over, after.reading) &&
  after.descriptors <= before.descriptors + (allow.descriptors ?? 0) &&
  after.threads <= before.threads

const isOnTime = (from: Reading, to: Reading) => startedWithin(onTimeSeconds, from, to) >= onTimeShare

/** What is not as it was before, in words. `over`: read when the fault had just ended. */
export async function comparison(
  place: Place,
  before: Standing,
  over: Reading,
  after: Standing,
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
    ...(await doorsOpen(place.child.url)),
  ]
}

function courseMisses(before: Standing, over: Reading, after: Standing, allow: Allowances): string[] {
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

function resourceMisses(before: Standing, after: Standing, allow: Allowances): string[] {
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

/** A line of a stack, alone or within another text, or Node complaining of us. */
export const isStackTrace = (line: string) =>
  /\bat (\S+ ){0,3}\(?(file:|node:|\/)\S+:\d+:\d+/.test(line) || /^\(node:\d+\)|Uncaught|"stack"/.test(line)

/** What may be changed over HTTP was not enabled: whatever happens, nobody is let in. */
async function doorsOpen(url: string): Promise<string[]> {
  const open: string[] = []
  for (const path of ['/-/reload', '/api/v1/maintenance']) {
    const response = await fetch(`${url}${path}`, { method: 'POST', headers: { connection: 'close' } })
    await response.arrayBuffer()
    if (response.status < 400) open.push(`POST ${path} was let in (${response.status})`)
  }
  return open
}

/** How it stood in the end, in words. */
export function wordsOf(before: Standing, over: Reading, after: Standing): string {
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
