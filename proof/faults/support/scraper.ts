/** Reads /metrics as Prometheus would, and sees to it that no counter ever falls. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseExposition, type Sample } from '../../../test/support/rules/exposition.ts'

export interface Reading {
  readonly samples: readonly Sample[]
  /** `performance.now()` of this process, halfway through the scrape. */
  readonly atMs: number
}

export interface Scraper {
  read(): Promise<Reading>
  /** Counters that were lower than before, in words. */
  readonly falls: readonly string[]
}

const patienceMs = 15_000

/** Scrapes one process, one scrape at a time: answers to two at once may come in either order. */
export function createScraper(url: string): Scraper {
  const last = new Map<string, number>()
  const falls: string[] = []
  let latest: Promise<unknown> = Promise.resolve()

  return {
    falls,
    read() {
      const reading = latest.then(readOnce)
      latest = reading.catch(() => {})
      return reading
    },
  }

  async function readOnce(): Promise<Reading> {
    const sinceMs = performance.now()
    const response = await fetch(`${url}/metrics`, {
      headers: { accept: 'text/plain;version=0.0.4', connection: 'close' },
      signal: AbortSignal.timeout(patienceMs),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`/metrics answered ${response.status}`)
    const atMs = (sinceMs + performance.now()) / 2
    // Of ten thousand targets there are a million series; what is followed is what stays in the plan throughout.
    const ours = text.split('\n').filter((line) => !/[{,]farm="(?!healthy")/.test(line))
    follow(ours)
    return { samples: parseExposition(text.length < 4e6 ? text : ours.join('\n')), atMs }
  }

  function follow(lines: readonly string[]): void {
    let isGauge = false
    for (const line of lines) {
      const type = /^# TYPE \S+ (\w+)/.exec(line)?.[1]
      if (type !== undefined) isGauge = type !== 'counter' && type !== 'histogram'
      if (!isGauge && line !== '' && !line.startsWith('#')) compare(line)
    }
  }

  function compare(line: string): void {
    const at = line.lastIndexOf(' ')
    const series = line.slice(0, at)
    const value = Number(line.slice(at + 1))
    const before = last.get(series)
    if (before !== undefined && value < before) falls.push(`${series} fell from ${before} to ${value}`)
    last.set(series, value)
  }
}

const scrapeEveryMs = 500

/** Scrapes again and again until disposed of, as a Prometheus does; a scrape that fails is only left out. */
export function scrapeRegularly(scraper: Scraper): AsyncDisposable {
  const stopping = new AbortController()
  const scrapes = async () => {
    while (!stopping.signal.aborted) {
      await scraper.read().catch(() => {})
      await sleep(scrapeEveryMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const done = scrapes()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await done
    },
  }
}
