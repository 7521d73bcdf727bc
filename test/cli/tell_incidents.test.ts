import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type IncidentsOptions, incidents } from '../../src/cli/tell_incidents.ts'
import type { Incident } from '../../src/model/incident.ts'
import { ticketOf } from '../../src/report/incident_ticket.ts'
import { timesIn } from '../../src/report/zone_times.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { dayMs, hourMs, secondMs } from '../../src/runtime/duration.ts'
import { app, balancer, check, nodes, pool, scenario } from '../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../src/simulator/farm/chance.ts'
import { virtualJournal } from '../support/farms/virtual_journal.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

const startMs = Date.UTC(2026, 5, 1)
const endMs = startMs + 6 * hourMs

let dir: TempDir
let config: string
let clock: Clock

/** Two nodes that recycle every hour and start slower than the balancer waits. */
beforeAll(async () => {
  dir = await tempDir()
  const path = join(dir.path, 'journal.db')
  config = await dir.write(
    'farmprobe.yaml',
    `journal: { path: ${path} }\nfarms: [{ name: intranet, url: http://intranet.example.org, nodes: [{ name: web01, address: 10.0.0.11 }] }]\n`,
  )
  const virtual = virtualJournal(path, startMs)
  const cold = app({ pool: pool({ coldMs: about(20_000, 0.1), recycle: { everyMs: hourMs } }) })
  await virtual.run(
    scenario('intranet', 'Cold starts behind an impatient balancer.', {
      startMs,
      nodes: nodes(2, cold),
      balancer: balancer({ timeoutMs: 5 * secondMs }),
      checks: [check({ intervalMs: 5 * secondMs })],
    }),
    1,
    endMs - startMs,
  )
  virtual.journal.close()
  clock = { ...virtual.clock, wallMs: () => endMs }
}, 60_000)

afterAll(() => dir[Symbol.asyncDispose]())

async function told(options: Partial<IncidentsOptions> = {}) {
  const { edge, stdout, stderr } = capturedEdge()
  const given = { file: config, sinceMs: 7 * dayMs, json: false, farm: undefined, id: undefined }
  const code = await incidents({ ...given, ...options }, { ...edge, clock })
  return { code, stdout: stdout(), stderr: stderr() }
}

async function known(): Promise<readonly Incident[]> {
  return (JSON.parse((await told({ json: true })).stdout) as { incidents: Incident[] }).incidents
}

test('a file that only looks like a journal ends with 2 and says why', async () => {
  const path = join(dir.path, 'other.db')
  using db = new DatabaseSync(path)
  db.exec('CREATE TABLE events (other); PRAGMA user_version = 2')
  const text = `journal: { path: ${path} }\nfarms: [{ name: a, url: "http://a.example.org", nodes: [{ name: b, address: 10.0.0.1 }] }]\n`
  const { code, stderr } = await told({ file: await dir.write('other.yaml', text) })
  const why = 'it is the database of another program; give the journal a file of its own'
  expect([code, stderr]).toEqual([2, `${path}: the journal cannot be read: ${why}\n`])
})

test('a line tells each incident: when, how long, what users had of it, who did what, and its id', async () => {
  const all = await known()
  const { code, stdout } = await told()
  expect(code).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  expect(all.length).toBeGreaterThan(3)
  expect(lines).toHaveLength(all.length)
  for (const [at, { id, openedMs, summary, impact }] of all.entries()) {
    const line = lines[at] ?? ''
    expect(line.startsWith(timesIn().moment(openedMs))).toBe(true)
    expect(line).toContain(impact === 'users' ? '  users got errors  ' : '  users noticed nothing  ')
    expect(line).toContain(summary)
    expect(line.endsWith(`  ${id}`)).toBe(true)
  }
  expect(stdout).toMatch(/ {2}\d+ s .* web0[12] (started cold|was slower than the balancer waits|recycled) /)
})

test('one is told whole: its sentence, its culprit and why, the cure, and its events', async () => {
  const one = (await known()).find(({ impact, why }) => impact === 'users' && why.length > 0) as Incident
  const { code, stdout } = await told({ id: one.id })
  expect(code).toBe(0)
  expect(stdout.startsWith(`intranet: ${one.summary}\n\nIncident: ${one.id}\nWhen: `)).toBe(true)
  const errors = Object.values(one.errors).reduce((sum, count) => sum + count, 0)
  const [told504 = ''] = /^Impact: .*$/m.exec(stdout) ?? []
  expect([...told504.matchAll(/(\d+) ×/g)].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(errors)
  expect(told504).toContain(`of requests (${one.failed} of ${one.probes})`)
  for (const { sentence } of one.why) expect(stdout).toContain(sentence)
  expect(stdout).toContain(`/docs/runbooks/${one.runbook}.md\n`)
  const { events } = JSON.parse((await told({ id: one.id, json: true })).stdout) as {
    events: { kind: string; incident?: string }[]
  }
  expect(events.map(({ kind }) => kind)).toContain('balancer_error')
  expect(stdout).toMatch(/^ {2}\d\d:\d\d:\d\d {2}a 50\d from the balancer after .*$/m)
})

test('an id that is not known is answered with the nearest ones, and 1', async () => {
  const [first] = await known()
  const id = `${first?.id}9`
  const { code, stdout, stderr } = await told({ id })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(`no incident in the journal has the id '${id}'; the nearest are ${first?.id}, `)
})

test('an unknown farm is refused with 2; a time without incidents says so', async () => {
  expect(await told({ farm: 'extranet' })).toMatchObject({ code: 2, stdout: '' })
  const { code, stdout } = await told({ farm: 'intranet', sinceMs: 1 })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^No incident of intranet is known from .* to .*\.\n$/)
})

test('times are those of the zone and of UTC, over midnight and where the clocks change', () => {
  const berlin = timesIn('Europe/Berlin')
  const incident: Incident = {
    id: 'a-20261024-225950',
    farm: 'a',
    impact: 'users',
    openedMs: Date.UTC(2026, 9, 24, 21, 59, 50),
    closedMs: Date.UTC(2026, 9, 25, 1, 0, 0),
    maintenance: false,
    checks: ['home'],
    errors: { 502: 2, first_byte_timeout: 1 },
    usersMs: null,
    probes: 10_000,
    failed: 9999,
    failedShare: 0.9999,
    nodes: [],
    node: 'unknown',
    cause: 'unknown',
    confidence: 0,
    why: [],
    summary: 'It failed.',
    cure: 'look',
    runbook: 'gateway-errors',
    amended: [],
  }
  const text = ticketOf(incident, { events: [], earlier: 0, nowMs: 0 }, berlin)
  expect(text).toContain(
    'When: Sat 24 Oct 2026, 23:59:50 CEST to Sun 25 Oct 2026, 02:00:00 CET (Sat 24 Oct 2026, 21:59:50 to Sun 25 Oct 2026, 01:00:00 UTC), 3 h\n',
  )
  expect(text).toContain('2 × 502, 1 × no answer in time; 99.9 % of requests')
  const open = ticketOf(
    { ...incident, closedMs: null },
    { events: [], earlier: 2, nowMs: incident.openedMs + 5000 },
    timesIn('UTC'),
  )
  expect(open).toContain('When: since Sat 24 Oct 2026, 21:59:50 UTC, 5 s so far\nIt goes on')
  expect(open).toContain('Impact: users get errors')
})

test('the text says who it was and how sure that is, apart from what is concluded of it, and nothing twice or of nobody', async () => {
  const [first] = (await known()).filter(({ node }) => node.startsWith('web'))
  const silent: Incident = {
    ...(first as Incident),
    node: 'web01',
    cause: 'unknown',
    confidence: 0.99,
    checks: [],
    nodes: [{ node: 'web01', cause: 'unknown', errors: 0, failures: 0 }],
  }
  const tell = (different: Partial<Incident>, earlier = 0) =>
    ticketOf({ ...silent, ...different }, { events: [], earlier, nowMs: 0 }, timesIn('UTC'))
  expect(tell({})).toContain('\nCulprit: web01 (99 % sure)\nCause: not known\n')
  expect(tell({})).toContain('\nBefore: none by this culprit in 7 days\n')
  expect(tell({})).not.toMatch(/^(Seen by|Nodes):/m)
  const nodes = [{ node: 'web01', cause: 'cold_start', errors: 4, failures: 1 }] as const
  expect(tell({ cause: 'cold_start', nodes }, 2)).toMatch(
    /^Culprit: web01 \(99 % sure\)\nCause: web01 started cold\nNodes:\n {2}web01 started cold: 4 × an error of the balancer, 1 × a failed probe of its own$/m,
  )
  expect(tell({ cause: 'cold_start' }, 2)).toContain('\nBefore: 2 by this culprit in 7 days\n')
  const unknown = tell({ node: 'unknown' }, 2)
  expect(unknown).toContain('\nCulprit: nobody for sure\n')
  expect(unknown).not.toMatch(/^(Cause|Before):/m)
})

test('one that was open at the last sign of a prober is measured no further', async () => {
  const [first] = await known()
  const path = join(dir.path, 'killed.db')
  const file = await dir.write(
    'killed.yaml',
    `journal: { path: ${path} }\nfarms: [{ name: intranet, url: http://intranet.example.org }]\n`,
  )
  const { journal, passTo } = virtualJournal(path, startMs)
  const snapshot = { ...(first as Incident), openedMs: startMs, closedMs: null }
  const { id: incident } = snapshot
  journal.record({
    kind: 'incident_opened',
    atMs: startMs,
    farm: 'intranet',
    maintenance: false,
    incident,
    snapshot,
  })
  passTo(startMs + 5 * secondMs)
  journal.close()
  expect((await told({ file })).stdout).toContain('  5 s so far  ')
  expect((await told({ file, id: incident })).stdout).toContain(', 5 s so far\nIt goes on as far as')
})
