import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive } from '../../../src/web/live/live.ts'
import { startWeb, type Web } from '../../../src/web/web_server.ts'
import { outageOf, recycleOf } from '../../support/farms/sample_events.ts'
import { sampleCheck, sampleFarm, sampleOutcome } from '../../support/farms/sample_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

const minuteMs = 60_000
const nowMs = Date.now()

/** A node with two checks, watched for ten minutes by a farmprobe that is six hours old. */
function seen() {
  const live = createLive({ ...systemClock, wallMs: () => nowMs - 360 * minuteMs })
  for (let minutes = 10; minutes >= 0; minutes--)
    for (const check of ['home', 'login']) {
      const id = `${check} ${minutes}`
      const failure =
        minutes === 3
          ? ({ reason: 'status', status: check === 'home' ? 500 : 401, detail: `${check} failed.` } as const)
          : {}
      live.observe(sampleOutcome({ check, id, startedMs: nowMs - minutes * minuteMs, ...failure }))
    }
  for (const check of ['home', 'login'])
    live.record({ ...outageOf('web01', nowMs - 3 * minuteMs, check === 'home' ? 5000 : 7000), check })
  live.record(recycleOf('web01', nowMs - 4 * minuteMs))
  const about = { atMs: nowMs - 4 * minuteMs, farm: 'intranet', target: 'web01', maintenance: false }
  live.record({ kind: 'stall', ...about, lengthMs: 30_000, probes: 3 })
  live.marked({ atMs: nowMs - 2 * minuteMs, text: 'set AlwaysRunning', farm: 'intranet', target: 'web01' })
  return live
}

const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts()

suiteWith('chromium')('the page of a target', () => {
  let browser: Browser
  let web: Web

  beforeAll(async () => {
    browser = await openBrowser()
    const checks = [sampleCheck(), sampleCheck({ name: 'login', path: '/login' })]
    const ports = samplePorts({ live: seen(), farms: () => [sampleFarm({ checks })] })
    const common = { version: '1', clock: systemClock, log: quietLog().log, host: '127.0.0.1' }
    web = await startWeb({ ...common, port: 0, ports })
  }, 30_000)

  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await web.close()
  })

  const open = async (query: string) => {
    const watched = await watchPage(browser, web.url, `#/farm/intranet/node/web01${query}`)
    await watched.page.waitForSelector('.chart canvas')
    return watched
  }
  test('shows events, outages and failures of the chosen check only, and what is of no check alone', async () => {
    const watched = await open('?check=login')
    const { page } = watched
    const events = (await texts(page, '.events .sentence')).join('\n')
    expect(events).toContain('web01 is back on login')
    expect(events).toContain('web01 has a new worker')
    expect(events).not.toContain('home')
    expect(await texts(page, 'section[aria-label=Outages] tbody td:nth-child(3)')).toEqual(['login'])
    expect(await texts(page, '.failures summary strong')).toEqual(['answered 401'])
    await expectNoComplaints(watched)
    await page.close()
  })

  test('explains every shape that is drawn, and fits its axis to the data', async () => {
    const watched = await open('?range=15m')
    const { page } = watched
    expect(await texts(page, '.first-byte .legend li')).toEqual([
      'median',
      'up to the slowest',
      'usual',
      'first request',
      'recycle',
      'outage',
      'stall: answered nobody',
      'failed probe',
      'single probe',
      'mark',
    ])
    await page.click('[aria-label="Time range"] a:text-is("6h")')
    await page.waitForSelector('[aria-label="Time range"] a[aria-current]:text-is("6h")')
    const first = new Date(Math.floor((nowMs - 10 * minuteMs) / minuteMs) * minuteMs)
    const time = first.toLocaleTimeString('en-GB', { timeZone: 'UTC' })
    await page.click('#clock')
    await page.waitForSelector(`.first-byte .visually-hidden:has-text("${time} to ")`, { state: 'attached' })
    await expectNoComplaints(watched)
    await page.close()
  })
})
