import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Readings } from '../../../src/detect/monitor.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive } from '../../../src/web/live/live.ts'
import type { Ports } from '../../../src/web/web_ports.ts'
import { startWeb } from '../../../src/web/web_server.ts'
import { recycleOf } from '../../support/farms/sample_events.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'

const row = '.targets tr:has-text("web01")'
const farmsAddress = '**/api/v1/farms'

async function start(changes: Partial<Ports> = {}) {
  const live = createLive(systemClock)
  live.observe(sampleOutcome({ startedMs: systemClock.wallMs() }))
  const common = { version: '1', clock: systemClock, log: quietLog().log, host: '127.0.0.1' }
  return { web: await startWeb({ ...common, port: 0, ports: samplePorts({ live, ...changes }) }), live }
}

const masked: Readings = {
  verdicts: [
    {
      check: 'home',
      verdict: 'masked',
      sinceMs: 0,
      spentMs: { ok: 0, unknown: 0, masked: 0, node_fault: 0, balancer_fault: 0, farm_down: 0 },
    },
  ],
  baselines: [],
  openOutages: [],
  lastRecycles: [],
  links: [],
  incidents: [],
}

const fault = (): FarmEvent => ({
  kind: 'verdict',
  atMs: systemClock.wallMs(),
  farm: 'intranet',
  maintenance: false,
  check: 'home',
  verdict: 'node_fault',
  previous: 'ok',
  heldMs: 1000,
})

/** A second listener of the stream, in the same browser. */
const listenAsWell = `new Promise((opened) => {
  const stream = new EventSource('/api/v1/stream')
  stream.addEventListener('start', opened)
  window.batchCame = new Promise((came) => stream.addEventListener('batch', came, { once: true }))
})`

suiteWith('chromium')('a page that reads the state of the farms', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
  }, 30_000)

  afterAll(() => browser[Symbol.asyncDispose]())

  test('shows an event that came meanwhile, although the answer is older', async () => {
    const { web, live } = await start()
    const page = await browser.page()
    const [read, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await page.route(farmsAddress, async (route) => {
      const response = await route.fetch()
      read.resolve()
      await release.promise
      await route.fulfill({ response })
    })
    await page.goto(web.url)
    await read.promise
    await page.evaluate(`${listenAsWell}.then(() => true)`)
    live.record(fault())
    await page.evaluate('window.batchCame.then(() => true)')
    release.resolve()
    await page.waitForSelector(row)
    await expect.poll(() => page.textContent('.verdict strong')).toBe('Users get errors')
    await page.close()
    await web.close()
  })

  test('reads the first verdict, which no event reports', async () => {
    let readings: Readings | undefined
    const { web, live } = await start({ readings: () => readings })
    const page = await browser.page()
    await page.clock.install()
    await page.goto(web.url)
    await page.waitForSelector(row)
    expect(await page.textContent('h1')).toBe('Not known yet')
    await page.evaluate(`${listenAsWell}.then(() => true)`)
    live.observe(sampleOutcome({ startedMs: systemClock.wallMs() }))
    await page.evaluate('window.batchCame.then(() => true)')
    readings = masked
    await page.clock.fastForward(2000)
    await expect
      .poll(() => page.textContent('.verdict strong'))
      .toBe('Users notice nothing, but a node fails')
    await page.close()
    await web.close()
  })

  test('keeps the recycles and stalls that events reported', async () => {
    const { web, live } = await start()
    const page = await browser.page()
    await page.clock.install()
    await page.goto(web.url)
    await page.waitForSelector(row)
    const atMs = systemClock.wallMs()
    live.record(recycleOf('web01', atMs))
    const about = { atMs: atMs - 60_000, farm: 'intranet', target: 'web01', maintenance: false }
    live.record({ kind: 'stall', ...about, lengthMs: 40_000, probes: 3 })
    await page.waitForSelector(`${row} .strip:has-text("1 recycle, 1 stall")`)
    const refreshed = page.waitForResponse(farmsAddress)
    await page.clock.fastForward(31_000)
    await (await refreshed).finished()
    await page.clock.runFor(1000)
    expect(await page.textContent(`${row} .strip`)).toContain('1 recycle')
    expect(await page.locator(`${row} .marks .recycle`).count()).toBe(1)
    expect(await page.locator(`${row} .marks .stall`).count()).toBe(1)
    await page.close()
    await web.close()
  })
})
