/** farmprobe as users start it, with real nodes and exporters on loopback: what it tells of both sides, and where. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { report } from '../../src/cli/report.ts'
import { eventually } from '../support/eventually.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { type ScriptedNodes, shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { select } from '../support/rules/exposition.ts'
import { startWindowsExporter, type WindowsExporter } from '../support/servers/windows_exporter.ts'
import { type Browser, openBrowser } from '../support/web/browser.ts'
import { expectNoComplaints, watchPage } from '../support/web/watched_page.ts'

const names = ['a', 'b', 'c'] as const

let nodes: ScriptedNodes
let exporters: Record<(typeof names)[number], WindowsExporter>
let farmprobe: Farmprobe
let bRecycledMs: number

const idleStop = (computer: string, atMs: number) =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-WAS'/>` +
  `<EventID>5186</EventID><TimeCreated SystemTime='${new Date(atMs).toISOString()}'/><Computer>${computer}</Computer></System>` +
  `<EventData><Data Name='ProcessID'>4711</Data><Data Name='AppPoolID'>Shop</Data></EventData></Event>`

beforeAll(async () => {
  nodes = await startScriptedNodes('front', ...names)
  exporters = {
    a: await startWindowsExporter('Shop'),
    b: await startWindowsExporter('Shop'),
    c: await startWindowsExporter('Shop'),
  }
  const behind = names.map((name) => ({
    ...nodes.named(name),
    crosscheck: { address: exporters[name].address },
  }))
  const crosscheck = { pool: 'shop', interval: '1s', timeout: '1s', tolerance: '1s' }
  const config = shopConfig({
    balancer: nodes.named('front').address,
    nodes: behind,
    check: { interval: '100ms', timeout: '1s' },
    farm: {
      crosscheck,
      nodes: behind.map(({ name, address, crosscheck: own }) => ({ name, address, crosscheck: own })),
    },
  })
  farmprobe = await startFarmprobe({ ...config, was: { push: true } })
  // So often each worker must have answered before another is believed at once, and each exporter have been read.
  await eventually(
    'the workers being known',
    () => Math.min(...names.map((name) => nodes.named(name).requests.length)),
    (count) => count > 20,
  )
  await Promise.all(names.map((name) => exporters[name].askedAgain()))
}, 30_000)

afterAll(async () => {
  await farmprobe[Symbol.asyncDispose]()
  await Promise.all(names.map((name) => exporters[name][Symbol.asyncDispose]()))
  await nodes[Symbol.asyncDispose]()
})

interface Told {
  readonly kind: string
  readonly target: string
  readonly seen?: string
  readonly late?: true
  readonly sentence: string
}

async function told(count: number): Promise<Told[]> {
  const read = async () => {
    const { text } = await farmprobe.get('/api/v1/events?kind=crosscheck,exporter', 'application/json')
    return (JSON.parse(text) as { events: Told[] }).events
  }
  return eventually(`${count} events`, read, ({ length }) => length >= count)
}

describe('a farm that is cross-checked', () => {
  test('tells of recycles that both see, or one side alone, and of an exporter that goes', async () => {
    exporters.a.recycle()
    await nodes.named('a').restart()
    // Warm, overlapped, and without a sign of it in any answer.
    exporters.b.recycle()
    bRecycledMs = Date.now()
    await nodes.named('c').restart()
    const events = await told(3)
    expect(events.toSorted((x, y) => x.target.localeCompare(y.target))).toMatchObject([
      {
        target: 'a',
        seen: 'both',
        sentence: 'windows_exporter confirms the new worker of a: its pool was recycled',
      },
      {
        target: 'b',
        seen: 'inside',
        sentence: 'b has a new worker that farmprobe did not see: its pool was recycled',
      },
      {
        target: 'c',
        seen: 'outside',
        sentence: 'farmprobe saw a new worker of c (its identity changed) that IIS did not count',
      },
    ])
    // Between two readings: one that is under way would be broken off.
    await exporters.c.askedAgain()
    await exporters.c.close()
    expect((await told(4)).at(-1)).toMatchObject({
      kind: 'exporter',
      target: 'c',
      sentence: "c's windows_exporter cannot be read: nothing listens there",
    })
  }, 30_000)

  test('counts them, and whether the exporters are read', async () => {
    const metrics = await farmprobe.metrics()
    const counted = select(metrics, 'farmprobe_crosscheck_recycles_total', {}).map(
      ({ labels: { target, seen }, value }) => [target, seen, value],
    )
    expect(counted).toEqual([
      ['a', 'both', 1],
      ['a', 'outside', 0],
      ['a', 'inside', 0],
      ['b', 'both', 0],
      ['b', 'outside', 0],
      ['b', 'inside', 1],
      ['c', 'both', 0],
      ['c', 'outside', 1],
      ['c', 'inside', 0],
    ])
    const up = select(metrics, 'farmprobe_crosscheck_up', {}).map(({ labels, value }) => [
      labels['target'],
      value,
    ])
    expect(up).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ])
  })

  test('asks exporters apart from its probes', () => {
    const asked = names.flatMap((name) => exporters[name].asked)
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(['/metrics?collect[]=iis']))
    expect(asked.filter(({ headers }) => 'x-farmprobe-id' in headers)).toEqual([])
    const probed = farmprobe.probes().map(({ target }) => target)
    expect(new Set(probed)).toEqual(new Set(['balancer', ...names]))
  })

  test('shows how the exporters stand', async () => {
    const { text } = await farmprobe.get('/api/v1/farms', 'application/json')
    const [farm] = (
      JSON.parse(text) as { farms: { targets: { target: string; crosscheck: object | null }[] }[] }
    ).farms
    expect(farm?.targets.map(({ target, crosscheck }) => [target, crosscheck])).toMatchObject([
      ['balancer', null],
      ['a', { up: true, detail: '', pools: [{ pool: 'shop', state: 'Running', workers: 1 }] }],
      ['b', { up: true }],
      ['c', { up: false, detail: 'nothing listens there.', pools: [{ pool: 'shop' }] }],
    ])
  })

  test('tells why workers ended as soon as WAS says it, each once', async () => {
    const push = () =>
      fetch(`${farmprobe.url}/api/v1/was?computer=B&until=${new Date().toISOString()}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/xml' },
        body: `<Events>${idleStop('B', bRecycledMs)}</Events>`,
      })
    expect(await (await push()).json()).toEqual({ events: 1, fresh: 1, nodes: ['shop/b'], remarks: [] })
    expect(await (await push()).json()).toMatchObject({ fresh: 0 })
    expect((await told(5)).find(({ late }) => late)).toMatchObject({
      target: 'b',
      seen: 'inside',
      sentence: 'it is known now why b has a new worker: ended by its idle time-out (WAS 5186)',
    })
    const metrics = await farmprobe.metrics()
    expect(select(metrics, 'farmprobe_was_recycles_total', {})).toMatchObject([
      { labels: { target: 'b', reason: 'idle' }, value: 1 },
    ])
    expect(select(metrics, 'farmprobe_was_covered_timestamp_seconds', {})).toHaveLength(1)
  })

  test('reports who saw what', async () => {
    const { edge, stdout } = capturedEdge()
    const options = { file: farmprobe.configFile, sinceMs: 3_600_000, json: false }
    expect(await report(options, edge)).toBe(0)
    expect(stdout()).toContain(
      [
        'inside and outside',
        '  a: 1 recycle seen by both sides, none by one side only',
        '  b: 0 recycles seen by both sides, 1 inside only; why, by WAS: 1 x idle',
        '  c: 0 recycles seen by both sides, 1 from outside only',
      ].join('\n'),
    )
  })
})

suiteWith('chromium')('the page of a node that is cross-checked', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, 30_000)
  afterAll(() => browser[Symbol.asyncDispose]())

  test('has both sides next to one another, and says whether the exporter is read', async () => {
    const watched = await watchPage(browser, farmprobe.url, '#/farm/shop/node/c')
    const { page } = watched
    const panel = '[aria-label="Inside and outside"]'
    await page.waitForSelector(`${panel} td:has-text("outside only")`)
    const cells = await page.$$eval(`${panel} tbody td`, (all) =>
      all.map(({ textContent }) => textContent?.trim()),
    )
    expect(cells.slice(1)).toEqual(['another worker answers', '–', 'outside only'])
    expect(await page.textContent(`${panel} .exporter`)).toBe(
      'windows_exporter cannot be read: nothing listens there.',
    )
    await exporters.c.listen()
    await page.waitForSelector(`${panel} .exporter:text-is("windows_exporter is read.")`)
    await expectNoComplaints(watched)
    await page.close()
  })
})
