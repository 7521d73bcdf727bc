import { expect, test } from 'vitest'
import { demoScenario } from '../../../src/simulator/demo_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { openBrowser } from '../../support/web/browser.ts'
import { stageService } from '../../support/web/staged_service.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

suiteWith('chromium')('error answers', () => {
  test('are shown with their origin and meaning, at their event and among the failures', async () => {
    await using staged = await stageService(demoScenario(3), 3, 20 * 60_000)
    await using browser = await openBrowser()
    const watched = await watchPage(browser, staged.web.url, '#/farm/demo/balancer')
    const { page } = watched
    const explanation = 'Made by IIS as a gateway: ARR got no valid answer from a node'
    await page.waitForSelector(`.event[data-kind=balancer_error] .explanation:has-text("${explanation}")`)
    await page.click('.failures summary:has-text("answered 502") >> nth=0')
    const detail = page.locator('.failures details[open] .detail')
    expect(await detail.textContent()).toContain(explanation)
    await expectNoComplaints(watched)
    await page.close()
  })
})
