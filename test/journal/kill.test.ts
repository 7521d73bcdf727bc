import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openJournalReader } from '../../src/journal/read/reader.ts'
import type { BalancerError } from '../../src/model/event.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { tempDir } from '../support/temp_dir.ts'

const writer = fileURLToPath(new URL('../support/processes/journal_writer.ts', import.meta.url))
/** Of each of two journals, which are written side by side: most of the time a writer starts, or has to work. */
const kills = process.env['FARMPROBE_LONG'] === '1' ? 25 : 5
const seed = Number(process.env['FARMPROBE_SEED'] ?? 5)
const forever = { sinceMs: 0, untilMs: 1e15 }

interface Life {
  /** The last event recorded, and the last one recorded a second before the end. */
  readonly last: number
  readonly aSecondBefore: number
  /** Probes shown to the journal in all, and a second before the end. */
  readonly probes: number
  readonly probesASecondBefore: number
}

/** Lets a writer work for so long, and kills it as it is. */
async function live(path: string, first: number, forMs: number): Promise<Life> {
  const child = spawn(process.execPath, [writer, path, `${first}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const told: { atMs: number; serial: number; probes: number }[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const [serial, probes] = line.split(' ').map(Number)
    told.push({ atMs: performance.now(), serial: serial as number, probes: probes as number })
  })
  await once(lines, 'line')
  await delay(forMs)
  const killedMs = performance.now()
  child.kill('SIGKILL')
  await exit
  const before = told.findLast(({ atMs }) => atMs < killedMs - 1000)
  const last = told.at(-1)
  return {
    last: last?.serial ?? first,
    aSecondBefore: before?.serial ?? first - 1,
    probes: last?.probes ?? 0,
    probesASecondBefore: before?.probes ?? 0,
  }
}

test.concurrent.for([seed, seed + 1])(
  `killed ${kills} times under load, the journal opens, has lost no more than a second, and tells nothing twice (seed %i)`,
  {
    timeout: kills * 10_000,
  },
  async (seed) => {
    await using dir = await tempDir()
    const path = join(dir.path, 'journal.db')
    const random = seededRandom(seed)
    let first = 0
    let atLeast = 0
    let atMost = 0
    for (let kill = 0; kill < kills; kill++) {
      const life = await live(path, first, 100 + 1300 * random())
      atLeast += life.probesASecondBefore
      // The last lines printed may not have been read; each stands for 20 probes.
      atMost += life.probes + 2000
      const reader = openJournalReader(path)
      const serials = reader
        .events(forever, {}, undefined, 1e9)
        .map((event) => Number((event as BalancerError).id.slice(6)))
      const probes = reader.steps(forever, {}).reduce((sum, { steps }) => sum + (steps[0]?.probes ?? 0), 0)
      const starts = reader.notes(forever, {}, new Set(['start']))
      reader.close()

      expect(serials).toEqual(Array.from(serials, (_, index) => index))
      expect(serials.length - 1).toBeGreaterThanOrEqual(life.aSecondBefore)
      expect(probes).toBeGreaterThanOrEqual(atLeast)
      expect(probes).toBeLessThanOrEqual(atMost)
      expect(starts.length).toBeGreaterThanOrEqual(kill)
      first = serials.length
    }
    const db = new DatabaseSync(path)
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
  },
)
