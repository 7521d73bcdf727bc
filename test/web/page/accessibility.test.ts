import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScenario } from '../../../src/simulator/demo_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { seriousFindings } from '../../support/web/axe.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { type Staged, stageService } from '../../support/web/staged_service.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
}

const views = {
  '#/': '.strip .ok[d*=M]',
  '#/farm/demo/node/web02?range=15m': '.failures summary',
  '#/events?kind=recycle,verdict': '.event',
}

suiteWith('chromium')('everybody can use the page', () => {
  let browser: Browser
  let staged: Staged

  beforeAll(async () => {
    staged = await stageService(demoScenario(3), 3, 20 * 60_000)
    browser = await openBrowser()
  }, 30_000)

  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await staged[Symbol.asyncDispose]()
  })

  test.each(Object.entries(looks))('axe finds nothing serious: %s', async (_look, options) => {
    for (const [hash, sign] of Object.entries(views)) {
      const watched = await watchPage(browser, staged.web.url, hash, options)
      const { page } = watched
      await page.waitForSelector(sign)
      if (hash.includes('/node/')) await page.click('.failures summary >> nth=0')
      await expectNoComplaints(watched)
      expect({ hash, findings: await seriousFindings(page) }).toEqual({ hash, findings: [] })
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect({ hash, isTooWide }).toEqual({ hash, isTooWide: false })
      await page.close()
    }
  })
})
