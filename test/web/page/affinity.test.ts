import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Readings } from '../../../src/detect/monitor.ts'
import type { Farm } from '../../../src/model/farm.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive } from '../../../src/web/live/live.ts'
import { startWeb } from '../../../src/web/web_server.ts'
import { sampleFarm } from '../../support/farms/sample_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

const affinity = { cookie: 'ARRAffinity' }
const servedBy = { header: 'X-Node' }
const nowMs = Date.now()

const cutOff: Readings = {
  baselines: [],
  verdicts: [],
  openOutages: [],
  lastRecycles: [],
  links: [{ target: 'web02', state: 'failing', okMs: nowMs - 90_000, sinceMs: nowMs - 60_000 }],
  incidents: [],
}

async function start(changes: Partial<Farm>, readings?: Readings) {
  const live = createLive(systemClock)
  const farms = () => [sampleFarm({ affinity, ...changes })]
  const ports = samplePorts({ live, farms, ...(readings && { readings: () => readings }) })
  const common = { version: '1', clock: systemClock, log: quietLog().log, host: '127.0.0.1' }
  return { live, web: await startWeb({ ...common, port: 0, ports }) }
}

suiteWith('chromium')('the page of a farm whose nodes are probed through the balancer', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, 30_000)
  afterAll(() => browser[Symbol.asyncDispose]())

  test('names the node that the balancer does not reach, until it does', async () => {
    const { live, web } = await start({ servedBy }, cutOff)
    const watched = await watchPage(browser, web.url, '#/')
    const { page } = watched
    const words = page.locator('.farm .nodes')
    await words.filter({ hasText: 'The balancer does not reach web02.' }).waitFor()
    live.record({
      kind: 'link',
      farm: 'intranet',
      target: 'web02',
      maintenance: false,
      atMs: nowMs,
      state: 'ok',
      previous: 'failing',
      lengthMs: 60_000,
      failures: { 502: 12 },
    })
    await words.filter({ hasNotText: 'does not reach' }).waitFor()
    expect(await words.innerText()).toContain('2 nodes')
    await expectNoComplaints(watched)
    await page.close()
    await web.close()
  })

  test('says on the page of the node how it is reached', async () => {
    const { web } = await start({ servedBy }, cutOff)
    const watched = await watchPage(browser, web.url, '#/farm/intranet/node/web02')
    const { page } = watched
    await page.getByText('The balancer does not reach web02, which answers by itself, for 1 min').waitFor()
    await page.goto(`${web.url}/#/farm/intranet/node/web01`)
    const unknown = page.getByText('no answer of the balancer had shown a cookie of web01')
    await unknown.waitFor()
    expect(await unknown.count()).toBe(1)
    await expectNoComplaints(watched)
    await page.close()
    await web.close()
  })

  test('says what is missing where nothing names the nodes', async () => {
    const { web } = await start({})
    const watched = await watchPage(browser, web.url, '#/')
    const { page } = watched
    await page
      .getByText('the nodes behind them are only numbered, until served_by or identity is configured')
      .waitFor()
    expect(await page.getByText('does not reach').count()).toBe(0)
    await expectNoComplaints(watched)
    await page.close()
    await web.close()
  })
})
