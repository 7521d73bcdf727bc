import { expect, test } from 'vitest'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive } from '../../../src/web/live/live.ts'
import { startWeb } from '../../../src/web/web_server.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'
import { watchPage } from '../../support/web/watched_page.ts'

/** A server that has seen nothing yet. */
async function start(port: number) {
  const live = createLive(systemClock)
  const common = { version: '1', clock: systemClock, log: quietLog().log, host: '127.0.0.1' }
  const web = await startWeb({ ...common, port, ports: samplePorts({ live }) })
  return { web, live }
}

suiteWith('chromium')('a page whose server goes away', () => {
  test('says so, and is live again by itself when the server is back', async () => {
    await using browser = await openBrowser()
    const first = await start(0)
    const { page } = await watchPage(browser, first.web.url, '#/')
    await page.waitForSelector('.targets tr:has-text("web01")[data-tone=unknown]')
    await first.web.close()
    await page.waitForSelector('#connection[data-state=lost]:has-text("connection lost")')
    const second = await start(first.web.port)
    second.live.observe(sampleOutcome({ startedMs: Date.now() }))
    await page.waitForSelector('#connection[data-state=live]')
    await page.waitForSelector('.targets tr:has-text("web01")[data-tone=ok]')
    expect(await page.textContent('.targets tr:has-text("web01") .number')).toBe('40 ms')
    await second.web.close()
  })
})
