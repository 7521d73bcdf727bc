import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ReportOptions, report } from '../../src/cli/report.ts'
import type { MarkComparison } from '../../src/report/before_and_after.ts'
import type { FarmFacts } from '../../src/report/facts.ts'
import { reportHtml } from '../../src/report/html.ts'
import { periodOf } from '../../src/report/period.ts'
import { reportText } from '../../src/report/report_text.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { dayMs, hourMs, secondMs } from '../../src/runtime/duration.ts'
import { app, balancer, check, nodes, pool, scenario } from '../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../src/simulator/farm/chance.ts'
import { virtualJournal } from '../support/farms/virtual_journal.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'
import { seriousFindings } from '../support/web/axe.ts'
import { type Browser, openBrowser } from '../support/web/browser.ts'

const startMs = Date.UTC(2026, 5, 1)
const cureMs = startMs + 5 * dayMs
/** Minutes are kept for eight days: the oldest of these are known by the hour. */
const endMs = startMs + 10 * dayMs

/** Three nodes that recycle every hour behind a balancer that waits five seconds. */
const farmFrom = (atMs: number, preload: boolean) =>
  scenario('intranet', 'The days before the cure, or after it.', {
    startMs: atMs,
    nodes: nodes(
      3,
      app({ pool: pool({ preload, coldMs: about(11_000, 0.1), recycle: { everyMs: hourMs } }) }),
    ),
    balancer: balancer({ timeoutMs: 5 * secondMs }),
    checks: [check({ intervalMs: 30 * secondMs })],
  })

let dir: TempDir
let config: string
let clock: Clock

beforeAll(async () => {
  dir = await tempDir()
  const path = join(dir.path, 'journal.db')
  config = await dir.write(
    'farmprobe.yaml',
    `journal: { path: ${path} }\nfarms: [{ name: intranet, url: http://intranet.example.org, nodes: [{ name: web01, address: 10.0.0.11 }] }]\n`,
  )
  const virtual = virtualJournal(path, startMs)
  await virtual.run(farmFrom(startMs, false), 1, cureMs - startMs)
  virtual.journal.note({
    kind: 'mark',
    atMs: cureMs,
    text: 'set AlwaysRunning and preloadEnabled everywhere',
  })
  await virtual.run(farmFrom(cureMs, true), 2, endMs - cureMs)
  virtual.passTo(endMs)
  virtual.journal.close()
  clock = { ...virtual.clock, wallMs: () => endMs }
}, 60_000)

afterAll(() => dir[Symbol.asyncDispose]())

/** What the verb writes, and its exit code. */
async function told(options: Partial<ReportOptions> = {}, isTTY = false) {
  const { edge, stdout, stderr } = capturedEdge({ isTTY })
  const code = await report(
    { file: config, sinceMs: 30 * dayMs, json: false, ...options },
    { ...edge, clock },
  )
  return { code, stdout: stdout(), stderr: stderr() }
}

async function facts(): Promise<FarmFacts> {
  const { stdout } = await told({ json: true })
  return (JSON.parse(stdout) as { farms: FarmFacts[] }).farms[0] as FarmFacts
}

describe('ten days with the cure in the middle', () => {
  test('shows that the cure worked, and that it is more than chance', async () => {
    const { marks } = await facts()
    expect(marks).toHaveLength(1)
    const { before, after, firstRequestP95Ms, badGatewaysPerDay, recyclesPerDay, node } =
      marks[0] as MarkComparison
    expect(node).toBeUndefined()
    expect(before.watchedMs).toBeCloseTo(5 * dayMs, -6)
    expect(after.watchedMs).toBeCloseTo(5 * dayMs, -6)
    expect(firstRequestP95Ms?.before.value).toBeGreaterThan(9000)
    expect(firstRequestP95Ms?.after.value).toBeLessThan(500)
    expect(firstRequestP95Ms?.sure).toBe(true)
    expect(before.errors['502']).toBeGreaterThan(10)
    expect(after.errors).toEqual({})
    expect(badGatewaysPerDay.before.low).toBeGreaterThan(0.5)
    expect(badGatewaysPerDay.after).toMatchObject({ value: 0, low: 0 })
    expect(badGatewaysPerDay.after.high).toBeGreaterThan(0)
    expect(badGatewaysPerDay.sure).toBe(true)
    expect(before.lostMs).toBeGreaterThan(0)
    expect(after.lostMs).toBe(0)
    // Recycles go on: what changed is that nobody waits for them.
    expect(recyclesPerDay.sure).toBe(false)
  })

  test('tells of each target what the farm did', async () => {
    const { targets, recycles, watchedMs } = await facts()
    expect(watchedMs).toBe(10 * dayMs)
    expect(targets.map(({ target }) => target)).toEqual(['balancer', 'web01', 'web02', 'web03'])
    const [users, ...nodes] = targets
    expect(users?.badGateways).toBeGreaterThan(10)
    expect(users?.blamedFor).toEqual({})
    for (const { probes, recycles: own, habits, firstRequest, firstByteMs } of nodes) {
      expect(probes).toBeGreaterThanOrEqual(10 * 2880)
      // Every hour, as the pools are set up.
      expect(own).toBeGreaterThan(222)
      expect(own).toBeLessThan(243)
      expect(habits).toEqual([expect.stringContaining('recycles every 1h')])
      expect(firstRequest?.maxMs).toBeGreaterThan(9000)
      expect(firstByteMs?.p50).toBeLessThan(100)
    }
    expect(recycles).toBe(nodes.reduce((sum, node) => sum + node.recycles, 0))
  })

  test('tells who made the error answers, and what they say', async () => {
    const { stdout } = await told()
    expect(stdout).toMatch(
      /\nerrors\n {2}\d+ x 502 made by IIS as a gateway: ARR got no valid answer from a node, or/,
    )
    const { farms } = JSON.parse((await told({ json: true })).stdout) as { farms: FarmFacts[] }
    const [farm] = farms
    const total = farm?.madeBy.reduce((sum, { count }) => sum + count, 0)
    expect(total).toBe(farm?.errors['502'])
  })

  test('begins with the incidents, and its counts are their sums', async () => {
    const { errors, incidents, targets } = await facts()
    expect(incidents.length).toBeGreaterThan(10)
    const summed: Record<string, number> = {}
    const blamed: Record<string, number> = {}
    for (const incident of incidents) {
      for (const [code, count] of Object.entries(incident.errors)) summed[code] = (summed[code] ?? 0) + count
      for (const part of incident.nodes)
        if (part.errors > 0) blamed[part.node] = (blamed[part.node] ?? 0) + part.errors
    }
    expect(errors).toEqual(summed)
    for (const { target, blamedFor } of targets)
      expect(Object.values(blamedFor).reduce((sum, count) => sum + count, 0)).toBe(blamed[target] ?? 0)
    const { stdout } = await told()
    const toldOfGroups = [...stdout.matchAll(/: (\d+) incidents?, (\d+) errors? from the balancer$/gm)]
    const total = (column: number) => toldOfGroups.reduce((sum, match) => sum + Number(match[column]), 0)
    expect(total(1)).toBe(incidents.length)
    expect(total(2)).toBe(Object.values(summed).reduce((sum, count) => sum + count, 0))
    expect(stdout.indexOf('\nincidents\n')).toBeLessThan(stdout.indexOf('\ntargets\n'))
  })

  test('does not take the time since the last sign of a prober for watched', async () => {
    const { edge, stdout } = capturedEdge()
    const later = { ...clock, wallMs: () => endMs + 3 * hourMs }
    await report({ file: config, sinceMs: 30 * dayMs, json: false }, { ...edge, clock: later })
    // The journal of these tests is closed some twenty minutes after the last probe.
    expect(stdout()).toContain('intranet: watched for 10d, not watched for 2h 40m\n')
    expect(stdout()).toContain('(the whole farm; 5d before, 5d after)\n')
    expect(stdout()).toMatch(/ {2}2h 40m: farmprobe is not running, or cannot write its journal\n/)
  })

  test('in text, says it in a sentence, without colours in a pipe and with them on a terminal', async () => {
    const { code, stdout } = await told()
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /since "set AlwaysRunning and preloadEnabled everywhere": first request p95 \d+(\.\d)?s to \d+ms, balancer 502s per day [\d.]+ to 0\n/,
    )
    expect(stdout).toMatch(/^intranet: watched for 10d$/m)
    expect(stdout).toMatch(/^ {2}\d+ x 502 from the balancer, in \d+ incidents?, .* without a good answer$/m)
    expect(stdout).not.toContain('\u001b')
    expect((await told({}, true)).stdout).toContain('\u001b[1m')
  })

  test('of the last days only, knows nothing of the time before', async () => {
    const { stdout } = await told({ json: true, sinceMs: 3 * dayMs })
    const { since, farms } = JSON.parse(stdout) as { since: string; farms: FarmFacts[] }
    expect(since).toBe('2026-06-08T00:00:00.000Z')
    expect(farms[0]).toMatchObject({ errors: {}, marks: [], lostMs: 0 })
  })

  test('as a page, is one file that runs nothing and asks nothing of the network', async () => {
    const page = join(dir.path, 'report.html')
    const { code, stdout, stderr } = await told({ html: page })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: `wrote ${page}\n` })
    const html = await readFile(page, 'utf8')
    expect(html).not.toMatch(/<script|https?:|\ssrc=|\shref=|@import|url\(/)
    expect(html.match(/<svg /g)).toHaveLength(2)
    expect(html).toContain('since &#34;set AlwaysRunning')
    expect(html.match(/<circle /g)?.length).toBeGreaterThan(120)
  })

  suiteWith('chromium')('in a browser', () => {
    let browser: Browser

    beforeAll(async () => {
      browser = await openBrowser()
    }, 30_000)

    afterAll(() => browser[Symbol.asyncDispose]())

    test.each([1200, 360])('everybody can read the page, %i pixels wide', async (width) => {
      const path = join(dir.path, `report_${width}.html`)
      await told({ html: path })
      const page = await browser.page({ viewport: { width, height: 800 }, colorScheme: 'dark' })
      await page.goto(pathToFileURL(path).href)
      expect(await seriousFindings(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false)
      const smallestPx = await page.evaluate<number>(
        'Math.min(...[...document.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect().height))',
      )
      expect(smallestPx).toBeGreaterThan(9)
    })
  })
})

test('words of others are shown as words', () => {
  const hostile = '<script>alert(1)</script>\u001b[2J'
  const period = periodOf([], { sinceMs: 0, untilMs: dayMs }, dayMs)
  const change = { before: period.badGatewaysPerDay, after: period.badGatewaysPerDay, sure: false }
  const mark = {
    atMs: 1,
    text: hostile,
    before: period,
    after: period,
    badGatewaysPerDay: change,
    recyclesPerDay: change,
  }
  const farm: FarmFacts = {
    ...period,
    farm: hostile,
    targets: [],
    deploys: 0,
    madeBy: [{ status: 502, tells: hostile, count: 1 }],
    incidents: [],
    worst: [],
    marks: [mark],
    blind: [],
  }
  const text = reportText([farm], period, false)
  expect(text).not.toContain('\u001b')
  const html = reportHtml([farm], period, { events: () => [] })
  expect(html).not.toContain('<script')
  expect(html).not.toContain('\u001b')
})

test('an unknown farm is refused with 2, naming those there are', async () => {
  expect(await told({ farm: 'extranet' })).toEqual({
    code: 2,
    stdout: '',
    stderr: "--farm: the journal knows no farm named 'extranet'; it knows intranet\n",
  })
})

test('without a journal there is an explanation, and 2', async () => {
  const file = await dir.write(
    'none.yaml',
    'journal: { path: nowhere.db }\nfarms: [{ name: a, url: "http://a.test" }]\n',
  )
  expect(await told({ file })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'nowhere.db: the journal cannot be read: there is no such file; farmprobe run writes it (journal.path in the configuration)\n',
  })
})
