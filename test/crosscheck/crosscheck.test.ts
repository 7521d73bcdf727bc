import { afterEach, beforeEach, expect, test } from 'vitest'
import { startCrosscheck } from '../../src/crosscheck/crosscheck.ts'
import type { Crosschecked, ExporterChanged } from '../../src/model/event.ts'
import type { Crosscheck, Farm } from '../../src/model/farm.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { eventually } from '../support/eventually.ts'
import { sampleFarm, sampleNode, sampleOutcome } from '../support/farms/sample_farm.ts'
import { answerBytes, startRawServer } from '../support/servers/raw_server.ts'
import { startWindowsExporter, type WindowsExporter } from '../support/servers/windows_exporter.ts'

const settings: Crosscheck = {
  exporter: true,
  scheme: 'http',
  port: 1,
  path: '/metrics',
  pools: ['shop'],
  intervalMs: 40,
  timeoutMs: 2000,
  toleranceMs: 0,
  tls: { insecure: false, minVersion: 'TLSv1.2' },
  exceptions: [],
}

/** Probed so often that a recycle is concluded within a fraction of a second. */
function farmOf(places: Readonly<Record<string, number>>, different: Partial<Crosscheck> = {}): Farm {
  const exceptions = Object.entries(places).map(([node, port]) => ({ node, off: false as const, port }))
  const [check] = sampleFarm().checks
  if (check === undefined) throw new Error('no check')
  return sampleFarm({
    nodes: Object.keys(places).map((name) => sampleNode(name, { host: '127.0.0.1' })),
    checks: [{ ...check, schedule: { kind: 'interval', intervalMs: 20 }, timeoutMs: 50 }],
    crosscheck: { ...settings, exceptions, ...different },
  })
}

let events: (Crosschecked | ExporterChanged)[]
let readings: [node: string, ok: boolean][]
let crosscheck: ReturnType<typeof startCrosscheck>
let exporter: WindowsExporter

beforeEach(async () => {
  events = []
  readings = []
  exporter = await startWindowsExporter('Shop', 'api')
  crosscheck = startCrosscheck({
    clock: systemClock,
    inMaintenance: (_farm, atMs) => atMs === 7,
    onEvent: (event) => void events.push(event),
    onReading: (_farm, node, ok) => void readings.push([node, ok]),
  })
})

afterEach(async () => {
  await crosscheck.stop()
  await exporter[Symbol.asyncDispose]()
})

const once = <T>(read: () => T, accept: (value: T) => boolean) =>
  eventually('what the test waits for', read, accept, 5000)

const seen = () => events.flatMap((event) => (event.kind === 'crosscheck' ? [event.seen] : []))
const recycled = (target = 'web01') =>
  crosscheck.recycled({
    kind: 'recycle',
    atMs: systemClock.wallMs(),
    farm: 'intranet',
    maintenance: false,
    target,
    evidence: 'identity',
    confidence: 0.99,
  })
const answered = (target = 'web01') =>
  crosscheck.observe(sampleOutcome({ target, startedMs: systemClock.wallMs() }))

test('reports what both see, and what only one of them sees', async () => {
  crosscheck.setFarms([farmOf({ web01: exporter.port })])
  await exporter.askedAgain(2)
  exporter.recycle('Shop')
  recycled()
  await once(seen, ({ length }) => length === 1)
  recycled()
  await once(seen, ({ length }) => length === 2)
  exporter.crash('Shop')
  await exporter.askedAgain(2)
  answered()
  await once(seen, ({ length }) => length === 3)
  exporter.recycle('api')
  await exporter.askedAgain(3)
  expect(seen()).toEqual(['both', 'outside', 'inside'])
  expect(events[2]).toMatchObject({
    farm: 'intranet',
    target: 'web01',
    inside: { cause: 'crash', workers: 1, pools: ['shop'] },
  })
})

test('an exporter that fails and recovers is reported once each, and is no disagreement', async () => {
  crosscheck.setFarms([farmOf({ web01: exporter.port })])
  await once(
    () => readings,
    (all) => all.length > 0,
  )
  expect(crosscheck.standing('intranet', 'web01')).toMatchObject({
    up: true,
    pools: new Map([['shop', expect.objectContaining({ state: 'Running', workers: 1 })]]),
  })
  await exporter.close()
  await once(
    () => readings.filter(([, ok]) => !ok).length,
    (failed) => failed > 3,
  )
  exporter.recycle('Shop')
  recycled()
  await exporter.listen()
  await once(seen, ({ length }) => length > 0)
  expect(seen()).toEqual(['both'])
  expect(events.filter(({ kind }) => kind === 'exporter')).toEqual([
    expect.objectContaining({ target: 'web01', up: false, detail: 'nothing listens there.' }),
    expect.objectContaining({ target: 'web01', up: true, detail: '' }),
  ])
})

test('an exporter that was never there is reported once, and so is one that has no such pool', async () => {
  await exporter.close()
  await using other = await startWindowsExporter('blog')
  crosscheck.setFarms([farmOf({ web01: exporter.port, web02: other.port })])
  await once(
    () => readings.length,
    (count) => count > 8,
  )
  expect(events.toSorted((a, b) => a.target.localeCompare(b.target))).toMatchObject([
    { kind: 'exporter', target: 'web01', detail: 'nothing listens there.' },
    { kind: 'exporter', target: 'web02', detail: 'it knows no application pool "shop"; it has "blog".' },
  ])
  expect(crosscheck.standing('intranet', 'web02')).toMatchObject({ up: false, readMs: undefined })
})

test('an exporter that repeats what it was sent does not get it into an event', async () => {
  await using echo = await startRawServer((socket, request) => {
    const [, sent = ''] = /^authorization: (.*)$/im.exec(request) ?? []
    const password = Buffer.from(sent.split(' ')[1] ?? '', 'base64').toString()
    const body = [sent, password]
      .map((app) => `windows_iis_current_worker_processes{app="${app}"} 1\n`)
      .join('')
    socket.end(answerBytes(body))
  })
  const authorization = `Basic ${Buffer.from('probe:s3cret-password').toString('base64')}`
  crosscheck.setFarms([farmOf({ web01: echo.port }, { authorization })])
  await once(
    () => events,
    ({ length }) => length > 0,
  )
  expect(events).toMatchObject([
    { kind: 'exporter', detail: 'it knows no application pool "shop"; it has "<secret>".' },
  ])
})

test('an exporter that takes longer than the interval is asked by one reading at a time', async () => {
  let most = 0
  await using slow = await startRawServer((socket, _request, index) => {
    most = Math.max(most, slow.open)
    if (index > 0) return
    setTimeout(() => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'), 200)
  })
  crosscheck.setFarms([farmOf({ web01: slow.port }, { timeoutMs: 300 })])
  await once(
    () => readings.length,
    (count) => count >= 2,
  )
  expect(most).toBe(1)
  expect(slow.requests).toHaveLength(readings.length + (slow.requests.length > readings.length ? 1 : 0))
})

test('a reload that changes nothing keeps reading and state; changed settings start over; without the node reading stops', async () => {
  crosscheck.setFarms([farmOf({ web01: exporter.port })])
  await exporter.askedAgain(2)
  recycled()
  exporter.recycle('Shop')
  crosscheck.setFarms([farmOf({ web01: exporter.port })])
  await once(seen, ({ length }) => length === 1)
  expect(seen()).toEqual(['both'])
  crosscheck.setFarms([farmOf({ web01: exporter.port }, { path: '/other' })])
  await once(
    () => exporter.asked.at(-1)?.path,
    (path) => path === '/other',
  )
  crosscheck.setFarms([farmOf({})])
  expect(crosscheck.standing('intranet', 'web01')).toBeUndefined()
  await crosscheck.stop()
  const asked = exporter.asked.length
  recycled()
  answered()
  await using another = await startWindowsExporter('shop')
  crosscheck.setFarms([farmOf({ web02: another.port })])
  await another.askedAgain(3)
  expect(exporter.asked).toHaveLength(asked)
})

test("WAS's events go to the node that is the computer, and without windows_exporter nothing is read", async () => {
  crosscheck.setFarms([farmOf({ web01: exporter.port, web02: exporter.port }, { exporter: false })])
  const nowMs = systemClock.wallMs()
  const end = {
    atMs: nowMs + 60_000,
    id: 5186,
    reason: 'idle' as const,
    what: 'idle',
    pool: 'SHOP',
    process: '4',
  }
  const covered = { fromMs: nowMs - 1000, toMs: nowMs + 60_500 }
  const report = { computer: 'WEB01.example.org', ends: [end, end], covered, skewMs: 60_000 }
  recycled()
  for (const fresh of [1, 0])
    expect(crosscheck.written(report)).toEqual({
      nodes: [{ farm: 'intranet', target: 'web01', untilMs: nowMs + 500 }],
      fresh,
    })
  expect(crosscheck.written({ ...report, computer: 'WEB03' })).toEqual({ nodes: [], fresh: 0 })
  expect(events).toMatchObject([
    { target: 'web01', seen: 'both', inside: { was: { atMs: nowMs, id: 5186 }, pools: ['SHOP'] } },
  ])
  expect(crosscheck.standing('intranet', 'web01')).toMatchObject({
    exporter: false,
    up: undefined,
    was: { untilMs: nowMs + 500, skewMs: 60_000 },
  })
  expect(exporter.asked).toEqual([])
})

test("WAS's silence about the time before farmprobe began is no sign of anything", async () => {
  crosscheck.setFarms([farmOf({ web01: exporter.port }, { exporter: false })])
  const beganMs = systemClock.wallMs()
  const silentUntil = (toMs: number) =>
    crosscheck.written({
      computer: 'web01',
      ends: [],
      covered: { fromMs: beganMs - 3_600_000, toMs },
      skewMs: 0,
    })
  recycled()
  silentUntil(beganMs + 60_000)
  expect(events).toEqual([])
  await once(systemClock.wallMs, (nowMs) => nowMs > beganMs + 40)
  recycled()
  silentUntil(beganMs + 60_000)
  expect(seen()).toEqual(['outside'])
})

test('what happened in maintenance is marked so', async () => {
  await exporter.close()
  const late = startCrosscheck({
    clock: { ...systemClock, wallMs: () => 7 },
    inMaintenance: (_farm, atMs) => atMs === 7,
    onEvent: (event) => void events.push(event),
    onReading: () => undefined,
  })
  late.setFarms([farmOf({ web01: exporter.port })])
  await once(
    () => events,
    ({ length }) => length > 0,
  )
  await late.stop()
  expect(events).toMatchObject([{ kind: 'exporter', up: false, maintenance: true, atMs: 7 }])
})
