/** What an attacker can do: answers that never repeat, crowds of requests, and damaged data at rest. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { transaction } from '../../../src/journal/file/database.ts'
import { migrate } from '../../../src/journal/file/tables.ts'
import { errorOf } from '../../../test/support/farms/sample_events.ts'
import { makeCertificate } from '../../../test/support/servers/certificates.ts'
import { rapidReset } from '../../../test/support/servers/rapid_reset.ts'
import { answerBytes, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { requestBytes } from '../../../test/support/servers/rude_client.ts'
import { threadNamesOf } from '../../processes.ts'
import { type Fault, Miss, type RunningFarmprobe } from '../fault.ts'
import { type Child, startChild, stopChild } from '../support/child.ts'
import { connected, statusFrom } from '../support/clients.ts'
import { words } from '../support/probe_results.ts'
import { createScraper } from '../support/scraper.ts'
import { badFarm } from '../support/servers.ts'
import { asides } from './resources.ts'

const scrapeBoundMs = 1000
const attackMs = (short: boolean) => (short ? 4000 : 20_000)

/**
 * Scrapes from an address that takes no part, five times a second, while the attack lasts; says how long the slowest took.
 * Rejects with a Miss when one is refused or takes longer than a second.
 */
async function scrapedDuring(
  { child }: RunningFarmprobe,
  attack: (isOver: () => boolean) => Promise<unknown>,
  isOver: () => boolean,
): Promise<string> {
  let slowestMs = 0
  let scrapes = 0
  const scrape = async () => {
    for (; !isOver(); scrapes += 1) {
      const sinceMs = performance.now()
      const status = await statusFrom('127.7.1.9', `${child.url}/metrics`)
      if (status !== 200) throw new Miss(`a scrape from elsewhere was answered ${status}`)
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - sinceMs))
      await sleep(200)
    }
  }
  await Promise.all([scrape(), attack(isOver)])
  const seen = `${scrapes} scrapes from elsewhere, the slowest took ${slowestMs} ms`
  if (slowestMs > scrapeBoundMs) throw new Miss(seen)
  return seen
}

function after(ms: number): () => boolean {
  const endMs = performance.now() + ms
  return () => performance.now() > endMs
}

const churningIdentity: Fault = {
  name: 'churning-identity',
  expected:
    'four farms whose 30,000 answers carry another identity each: no recycle is told, memory is bounded, scrapes take less than a second',
  alone: true,
  long: true,
  async run({ experiment }) {
    await using server = await startRawServer((socket, _request, index) =>
      socket.end(answerBytes('Welcome', [`X-Worker: ${index} ${'x'.repeat(200)}`, 'Connection: close'])),
    )
    const check = { interval: '20ms', timeout: '1s', burst: false }
    const more = { identity: { header: 'X-Worker' } }
    const farms = [0, 1, 2, 3].map((index) => ({
      ...badFarm({ port: server.port, check, more }),
      name: `churning${index}`,
    }))
    // The last 20,000 probes are remembered; from then on nothing may grow.
    return await experiment({ farms, allow: { liveMiB: 24 } }, async (farmprobe) => {
      const answered = (count: number) => () => server.requests.length >= count
      // Not while it is measured how long scrapes take: a collection holds them up.
      const scrapedUntil = (count: number) =>
        scrapedDuring(
          farmprobe,
          (isOver) => farmprobe.until(`${count} answers`, isOver, 120_000),
          answered(count),
        )
      const first = await scrapedUntil(20_000)
      const livedBytes = await farmprobe.inspector.liveBytes()
      const second = await scrapedUntil(30_000)
      const grownMiB = ((await farmprobe.inspector.liveBytes()) - livedBytes) / 2 ** 20
      const recycles = await farmprobe.grown('farmprobe_recycles_total')
      if (recycles > 0) throw new Miss(`${recycles} recycles were told`)
      if (grownMiB > 4) throw new Miss(`the last 10,000 identities took ${grownMiB.toFixed(1)} MiB`)
      return `${server.requests.length} identities, the last 10,000 took ${grownMiB.toFixed(1)} MiB; no recycle; ${first}, then ${second}`
    })
  },
}

/** A journal with this many events, as of the last day. */
function writeManyEvents(path: string, count: number): void {
  using db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  migrate(db)
  const insert = db.prepare('INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, 0, ?)')
  const startMs = Date.now() - 86_400_000
  transaction(db, () => {
    for (let index = 0; index < count; index += 1) {
      const event = errorOf('web01', startMs + index * 250)
      insert.run(event.atMs, event.farm, event.kind, event.id, 'balancer', JSON.stringify(event))
    }
  })
}

const apiFlood: Fault = {
  name: 'api-flood',
  expected:
    '64 readers of 10,000 events each, again and again, of a long journal: scrapes from elsewhere take less than a second',
  alone: true,
  async run({ experiment, short }) {
    const folder = mkdtempSync(join(tmpdir(), 'farmprobe-faults-journal-'))
    const path = join(folder, 'journal.db')
    try {
      const events = short ? 60_000 : 300_000
      writeManyEvents(path, events)
      // While the journal is locked, SQLite keeps the descriptor of a reader that has ended, and gives it to the next one.
      const allow = short ? ({ ends: true } as const) : { descriptors: 1 }
      return await experiment({ config: { journal: { path } }, allow }, async (farmprobe) => {
        const answers: Record<string, number> = {}
        const read = async (index: number, isOver: () => boolean) => {
          const url = `${farmprobe.child.url}/api/v1/events?limit=10000`
          for (; !isOver(); await sleep(100)) {
            const answer = await statusFrom(`127.7.0.${1 + (index % 8)}`, url).catch(() => 'cut off')
            answers[answer] = (answers[answer] ?? 0) + 1
          }
        }
        const attack = (isOver: () => boolean) =>
          Promise.all(Array.from({ length: 64 }, (_, index) => read(index, isOver)))
        const isReading = () => threadNamesOf(farmprobe.child.pid).includes('history')
        let seen: string
        try {
          seen = await scrapedDuring(farmprobe, attack, after(attackMs(short)))
        } finally {
          // The thread that reads the journal ends when nobody has asked for a while: too long for the short form.
          if (short) await end(farmprobe)
          else await farmprobe.until('end of the reader', () => !isReading(), 120_000)
        }
        const others = Object.keys(answers).filter((answer) => !['200', '503', 'cut off'].includes(answer))
        if (others.length > 0 || answers['200'] === undefined)
          throw new Miss(`answers were ${words(answers)}`)
        return `a journal of ${events}; ${words(answers)}; ${seen}`
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

const pipelining: Fault = {
  name: 'pipelined-requests',
  expected:
    '250 connections that send 200 scrapes each without waiting, again and again: cut off; scrapes from elsewhere take less than a second',
  alone: true,
  run: ({ experiment, short }) =>
    experiment({}, async (farmprobe) => {
      let crowds = 0
      const attack = async (isOver: () => boolean) => {
        for (; !isOver(); crowds += 1)
          await connected(farmprobe, 250, async (sockets) => {
            for (const socket of sockets) socket.pause().write(requestBytes('/metrics').repeat(200))
            await sleep(2000)
          })
      }
      const seen = await scrapedDuring(farmprobe, attack, after(attackMs(short)))
      return `${crowds} such crowds; ${seen}`
    }),
}

const resets: Fault = {
  name: 'http2-resets',
  expected:
    '10 connections that ask over HTTP/2 and take it back, 20,000 times each, again and again: cut off; scrapes from elsewhere take less than a second',
  alone: true,
  async run({ experiment, short }) {
    const { cert, key } = await makeCertificate({ names: ['localhost'], ips: ['127.0.0.1'] })
    const folder = mkdtempSync(join(tmpdir(), 'farmprobe-faults-tls-'))
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const pair = { cert_file: file('cert.pem', cert), key_file: file('key.pem', key) }
    const webConfig = file('web.yaml', JSON.stringify({ tls_server_config: pair }))
    const usual = getCACertificates()
    setDefaultCACertificates([...usual, cert])
    try {
      return await experiment({ args: ['--web.config.file', webConfig] }, async (farmprobe) => {
        const ends = { 'cut off': 0, 'not let in': 0 }
        const flood = rapidReset(20_000)
        const reset = async (index: number, isOver: () => boolean) => {
          for (; !isOver(); await sleep(20)) {
            const wasIn = await isResetUntilCutOff(farmprobe.child.url, 1 + (index % 3), flood)
            ends[wasIn ? 'cut off' : 'not let in'] += 1
          }
        }
        const attacked = async () => {
          const seen = await scrapedDuring(
            farmprobe,
            (isOver) => Promise.all(Array.from({ length: 10 }, (_, index) => reset(index, isOver))),
            after(attackMs(short) / 2),
          )
          return { seen, liveMiB: (await farmprobe.inspector.liveBytes()) / 2 ** 20 }
        }
        const [first, second] = [await attacked(), await attacked()]
        if (ends['cut off'] === 0) throw new Miss('no connection was let in')
        const grownMiB = second.liveMiB - first.liveMiB
        if (grownMiB > 2) throw new Miss(`the second attack took ${grownMiB.toFixed(1)} MiB more`)
        return `connections ${words(ends)}; ${first.seen}, then ${second.seen}; the second attack took ${grownMiB.toFixed(1)} MiB`
      })
    } finally {
      setDefaultCACertificates(usual)
      rmSync(folder, { recursive: true })
    }
  },
}

/** Whether the connection was let in first. Rejects with a Miss when it is still there after 10 s. */
async function isResetUntilCutOff(url: string, host: number, flood: Buffer): Promise<boolean> {
  const from = { host: '127.0.0.1', port: Number(new URL(url).port), localAddress: `127.7.0.${host}` }
  const tcp = connect(from).on('error', () => {})
  const socket = connectTls({ socket: tcp, ALPNProtocols: ['h2'], rejectUnauthorized: false })
  let wasIn = false
  socket.on('error', () => {}).resume()
  socket.once('secureConnect', () => {
    wasIn = true
    socket.write(flood)
  })
  const isCutOff = await Promise.race([
    new Promise<true>((resolve) => socket.once('close', () => resolve(true))),
    sleep(10_000, false, { ref: false }),
  ])
  socket.destroy()
  if (!isCutOff) throw new Miss('a connection that took back 20,000 requests was not cut off')
  return wasIn
}

const garbage = ['', '{"x":', 'null', '[]', '7', '{"kind":"recycle"}', '{"kind":"__proto__"}', '\0\uffff']

const damageTold = ({ lines }: Child) =>
  lines.filter((line) => line.includes('are damaged and skipped')).length

/** It starts, serves its events, probes and writes as ever, and ends with 0; returns what `look` finds meanwhile. */
async function nextProcess<T>(
  { configFile, until }: RunningFarmprobe,
  look: (child: Child, damaged: () => Promise<number>) => Promise<T>,
): Promise<T> {
  const child = await startChild({ configFile })
  try {
    const scraper = createScraper(child.url)
    const value = async (name: string, labels: Record<string, string> = {}) =>
      (await scraper.read()).samples
        .filter((sample) => sample.name === name)
        .filter(({ labels: own }) => Object.entries(labels).every(([label, text]) => own[label] === text))
        .reduce((sum, sample) => sum + sample.value, 0)
    const sinceS = Date.now() / 1000
    const status = await statusFrom('127.0.0.1', `${child.url}/api/v1/events?limit=10000`)
    if (status !== 200) throw new Miss(`its events were answered with ${status}`)
    await until(
      '10 probes',
      async () => (await value('farmprobe_probes_total', { result: 'ok' })) >= 10,
      20_000,
    )
    const written = async () => (await value('farmprobe_journal_last_write_timestamp_seconds')) > sinceS
    await until('written journal', written, 20_000)
    const found = await look(child, () => value('farmprobe_journal_damaged_rows_total'))
    await endWell(child)
    return found
  } finally {
    if (child.ended() === undefined) await stopChild(child)
  }
}

async function endWell(child: Child): Promise<void> {
  const { exit } = await stopChild(child)
  if (exit.code !== 0) throw new Miss(`SIGTERM ended it with ${exit.code ?? exit.signal}`)
}

/** Ends the process of the experiment. */
async function end({ inspector, child }: RunningFarmprobe): Promise<void> {
  inspector[Symbol.dispose]()
  await endWell(child)
}

function addGarbageEvents(journal: string): void {
  using db = new DatabaseSync(journal, { timeout: 5000 })
  const insert = db.prepare("INSERT INTO events VALUES (NULL, ?, 'healthy', ?, '', 'web02', 0, ?)")
  const nowMs = Date.now()
  transaction(db, () => {
    for (let row = 0; row < 200; row += 1)
      insert.run(nowMs - row, `kind${row}`, garbage[row % garbage.length] ?? '')
  })
}

const rowsDamaged: Fault = {
  name: 'journal-rows-damaged',
  expected:
    'garbage rows while it runs, and in every table before the next start: said once, counted, skipped; nothing is set aside',
  run: ({ experiment }) =>
    experiment({ allow: { ends: true } }, async (farmprobe) => {
      const { child, journal } = farmprobe
      addGarbageEvents(journal)
      const status = await statusFrom('127.0.0.1', `${child.url}/api/v1/events?limit=10000`)
      const count = () => farmprobe.grown('farmprobe_journal_damaged_rows_total')
      await farmprobe.until('damage counted', async () => (await count()) >= 200)
      const counted = await count()
      const errors = await farmprobe.grown('farmprobe_journal_write_errors_total')
      if (status !== 200 || errors > 0 || damageTold(child) !== 1)
        throw new Miss(`answered ${status}, ${errors} failed writes, told ${damageTold(child)} times`)
      await end(farmprobe)
      damageEveryTable(journal)
      const next = await nextProcess(farmprobe, async (again, damaged) => {
        if (damageTold(again) !== 1 || (await damaged()) === 0)
          throw new Miss(`${await damaged()} counted at the next start, told ${damageTold(again)} times`)
        return damaged()
      })
      if (asides(farmprobe) > 0) throw new Miss('the file was set aside')
      return `${counted} counted while it ran, ${next} after the next start, each told once`
    }),
}

function damageEveryTable(journal: string): void {
  using db = new DatabaseSync(journal)
  for (const table of ['events', 'notes', 'probes', 'monitors'])
    db.prepare(`UPDATE ${table} SET json = ?`).run('{"x":')
  for (const [table, column] of [
    ['minutes', 'rollup'],
    ['hours', 'rollup'],
    ['pending', 'rollups'],
  ])
    db.prepare(`UPDATE ${table} SET ${column} = ?`).run(new Uint8Array(50).fill(255))
}

const pageBytes = 4096

/** What it says of a damaged journal, each in a few words: what is wrong, and what was done about it. */
const warningsOf = ({ lines }: Child) =>
  lines.flatMap(
    (line) =>
      /"level":"warn".*(cannot be used|cannot be read|set aside|damaged and skipped)/.exec(line)?.[1] ?? [],
  )

const pagesDamaged: Fault = {
  name: 'journal-pages-damaged',
  expected:
    'one page overwritten, then a start, for many pages: it starts each time, says nothing of it twice, with a new file at worst',
  run: ({ experiment, short }) =>
    experiment({ allow: { ends: true } }, async (farmprobe) => {
      const { journal, folder } = farmprobe
      await end(farmprobe)
      const whole = readFileSync(journal)
      const pages = Math.floor(whole.length / pageBytes)
      const pagesTried = short ? 3 : 16
      let setAside = 0
      for (let round = 0; round < pagesTried; round += 1) {
        const page = Math.floor((round * pages) / pagesTried)
        for (const name of readdirSync(folder).filter((each) => each.startsWith('journal.db')))
          rmSync(join(folder, name))
        writeFileSync(
          journal,
          Buffer.from(whole).fill(
            [0, 255, 'garbage'][round % 3] ?? 0,
            page * pageBytes,
            (page + 1) * pageBytes,
          ),
        )
        const told = await nextProcess(farmprobe, (child) => Promise.resolve(warningsOf(child)))
        if (told.length > new Set(told).size || asides(farmprobe) > 1)
          throw new Miss(`page ${page}: ${asides(farmprobe)} set aside, told ${told.join(', ')}`)
        setAside += asides(farmprobe)
      }
      return `${pagesTried} starts of a file of ${pages} pages, ${setAside} with a new file, all probed and wrote on`
    }),
}

export const attackFaults: readonly Fault[] = [
  churningIdentity,
  apiFlood,
  pipelining,
  resets,
  rowsDamaged,
  pagesDamaged,
]
