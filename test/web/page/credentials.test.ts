import { expect, test } from 'vitest'
import { startFarmprobe } from '../../support/processes/farmprobe_process.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { startNtlmServer } from '../../support/servers/ntlm_server.ts'
import { openBrowser } from '../../support/web/browser.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

suiteWith('chromium')('a farm with Windows authentication and a check without credentials', () => {
  test('is not known, and what to configure stands on the page of its target', async () => {
    await using server = await startNtlmServer()
    const url = `http://127.0.0.1:${server.port}`
    const check = { name: 'home', interval: '500ms' }
    await using farmprobe = await startFarmprobe({ farms: [{ name: 'intranet', url, checks: [check] }] })
    await using browser = await openBrowser()
    const watched = await watchPage(browser, farmprobe.url, '#/')
    const { page } = watched
    const row = '.targets tr:has(a:text-is("balancer"))'
    await page.waitForSelector(`${row}[data-tone=unknown]:has-text("asks for credentials")`)
    await page.waitForSelector('.verdict strong:text-is("Not known: other credentials are asked for")')
    await page.click(`${row} a`)
    await page.click('.failures summary >> nth=0')
    await page.waitForSelector(
      '.failures details[open] :text("Write auth: { ntlm: { user: \'DOMAIN\\\\name\', password_file: … } }")',
    )
    expect(await page.locator('.incidents tr[data-incident]').count()).toBe(0)
    await expectNoComplaints(watched)
    await page.close()
  })
})
