import { setTimeout as sleep } from 'node:timers/promises'
import type { Scraper } from './scraper.ts'

const everyMs = 500

/** Scrapes again and again until disposed of, as a Prometheus does; a scrape that fails is only left out. */
export function keepLooking(scraper: Scraper): AsyncDisposable {
  const stopping = new AbortController()
  const scrapes = async () => {
    while (!stopping.signal.aborted) {
      await scraper.read().catch(() => {})
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
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
