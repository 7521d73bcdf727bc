/** Reads one exporter at every interval; two readings never overlap. */
import type { Crosscheck, ExporterPlace } from '../model/farm.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { secureContext } from '../runtime/secure_context.ts'
import { concealing } from '../secrets/conceal.ts'
import { sentSecrets } from '../secrets/sent_secrets.ts'
import type { PoolReading } from './pool_ledger.ts'
import { readPools } from './pools.ts'
import { type Exporter, scrape } from './scrape.ts'

/** In characters. */
const longestWhy = 300

export interface Reading {
  /** Wall milliseconds. */
  readonly startedMs: number
  readonly endedMs: number
  /** By pool; else why there is none, as one sentence without a full stop. */
  readonly result: ReadonlyMap<string, PoolReading> | string
}

/** Begins to read; the first reading is `firstInMs` from now. Returns how to stop. */
export function startReading(
  place: ExporterPlace,
  settings: Crosscheck,
  firstInMs: number,
  clock: Clock,
  onReading: (reading: Reading) => void,
): () => Promise<void> {
  const { intervalMs } = settings
  const exporter: Exporter = {
    host: place.host,
    port: place.port,
    settings,
    context: settings.scheme === 'https' ? secureContext(settings.tls) : undefined,
  }
  const { authorization } = settings
  const conceal = concealing(
    sentSecrets({ headers: [], path: '', ...(authorization !== undefined && { authorization }) }),
  )
  const stopped = new AbortController()
  const beganMs = clock.monotonicMs() + firstInMs
  let cancel: Cancel = clock.after(beganMs - clock.monotonicMs(), begin)
  let reading: Promise<void> = Promise.resolve()

  function begin(): void {
    reading = read().catch((error: unknown) => {
      if (!stopped.signal.aborted) throw error
    })
  }
  async function read(): Promise<void> {
    const startedMs = clock.wallMs()
    const answer = await scrape(exporter, clock, stopped.signal)
    if (stopped.signal.aborted) return
    const result =
      'why' in answer ? conceal(answer.why, longestWhy) : readPools(answer.text, place.pools, conceal)
    onReading({ startedMs, endedMs: clock.wallMs(), result })
    const slots = Math.floor((clock.monotonicMs() - beganMs) / intervalMs) + 1
    cancel = clock.after(beganMs + slots * intervalMs - clock.monotonicMs(), begin)
  }

  return async () => {
    stopped.abort()
    cancel()
    await reading
  }
}
