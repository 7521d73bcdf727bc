import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openJournalReader } from '../../src/journal/read/reader.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import { sentenceOf } from '../../src/model/event_sentence.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { tempDir } from '../support/temp_dir.ts'

const kills = process.env['FARMPROBE_LONG'] === '1' ? 50 : 4
const random = seededRandom(Number(process.env['FARMPROBE_SEED'] ?? 11))
const intervalMs = 100

interface RestlessNode extends AsyncDisposable {
  readonly name: string
  readonly address: string
  /** Wall milliseconds of each change of its worker. */
  readonly changesMs: readonly number[]
}

/** A node whose worker is replaced every few seconds, so smoothly that only its name tells. */
async function startRestlessNode(name: string): Promise<RestlessNode> {
  const changesMs: number[] = []
  const server = createServer((_, response) =>
    response.setHeader('X-Worker', `${name}-${changesMs.length}`).end('Welcome'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let timer: NodeJS.Timeout
  const change = () => {
    changesMs.push(Date.now())
    timer = setTimeout(change, 4000 + 4000 * random())
  }
  timer = setTimeout(change, 4000 * random())
  return {
    name,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    changesMs,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      server.closeAllConnections()
      server.close()
    },
  }
}

/** One life of `farmprobe run`, ended by SIGKILL: when it ended, and each event that its log told of. */
async function live(config: object, forMs: number) {
  await using farmprobe = await startFarmprobe(config)
  const fromMs = Date.now()
  await delay(forMs)
  const killedMs = Date.now()
  farmprobe.process.signal('SIGKILL')
  await farmprobe.process.exit
  const told = farmprobe.process.stderr
    .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes('"event":'))
    .map((line) => JSON.parse(line) as { time: string; event: string; at: string; msg: string })
    .filter(({ time }) => Date.parse(time) < killedMs - 1000)
    .map(({ at, msg }) => `${at} ${msg}`)
  return { fromMs, killedMs, told }
}

const lineOf = (event: FarmEvent) =>
  `${new Date(event.atMs).toISOString()} ${event.farm}: ${sentenceOf(event)}`

test(`farmprobe itself, killed ${kills} times while it probes, loses no more than a second and tells nothing twice`, {
  timeout: kills * 15_000,
}, async () => {
  await using dir = await tempDir()
  await using nodes = new AsyncDisposableStack()
  const names = Array.from({ length: 10 }, (_, index) => `web${index}`)
  const restless = await Promise.all(names.map(startRestlessNode))
  for (const node of restless) nodes.use(node)
  const path = join(dir.path, 'journal.db')
  const config = {
    journal: { path },
    farms: [
      {
        name: 'shop',
        url: 'http://shop.test/',
        address: restless[0]?.address,
        nodes: restless.map(({ name, address }) => ({ name, address })),
        identity: { header: 'X-Worker' },
        checks: [{ name: 'home', interval: `${intervalMs}ms`, timeout: '2s' }],
      },
    ],
  }
  const lives: Awaited<ReturnType<typeof live>>[] = []
  for (let kill = 0; kill < kills; kill++) {
    lives.push(await live(config, 300 + 2500 * random()))
    const reader = openJournalReader(path)
    const events = reader.events({ sinceMs: 0, untilMs: 1e15 }, {}, undefined, 1e9)
    reader.close()
    const lines = events.map(lineOf)
    expect(lines.filter((line, index) => lines.indexOf(line) < index)).toEqual([])
    const remembered = new Set(lines)
    expect(lives.flatMap(({ told }) => told).filter((line) => !remembered.has(line))).toEqual([])
    for (const { name, changesMs } of restless) {
      const recycles = events.filter((event) => event.kind === 'recycle' && event.target === name)
      // Not one more than there were, although each life began from what the one before had saved.
      expect(recycles.length).toBeLessThanOrEqual(changesMs.length)
      const watched = changesMs.filter((atMs) =>
        lives.some(({ fromMs, killedMs }) => atMs > fromMs + 500 && atMs < killedMs - 1500),
      )
      expect(recycles.length).toBeGreaterThanOrEqual(watched.length)
    }
  }
  const db = new DatabaseSync(path)
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
})
