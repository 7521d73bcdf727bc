import { expect, test } from 'vitest'
import { systemClock } from '../../../src/runtime/clock.ts'
import { startWeb } from '../../../src/web/web_server.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

suiteWith('chromium')('one shard of several', () => {
  test('says that there are others', async () => {
    const common = { clock: systemClock, log: quietLog().log, version: '1.2.3' }
    await using browser = await openBrowser()
    const ports = samplePorts({ shard: { index: 3, count: 11 } })
    const web = await startWeb({ ...common, host: '127.0.0.1', port: 0, ports })
    const watched = await watchPage(browser, web.url, '#/', { viewport: { width: 1360, height: 900 } })
    await watched.page.waitForSelector(
      '#version:text-is("farmprobe 1.2.3, shard 3/11: other farms are elsewhere")',
    )
    expect(await watched.page.locator('section.farm').count()).toBe(1)
    await expectNoComplaints(watched)
    await web.close()
  })
})
