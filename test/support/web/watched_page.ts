/** A page in a real browser, and everything that it should not have done. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Browser } from './browser.ts'

export interface WatchedPage {
  readonly page: Page
  /** Errors, warnings, violations of the policy, and requests that left the host; there should be none. */
  complaints(): Promise<string[]>
}

/** Runs before anything of the page does. */
const recordViolations = `
  window.violations = []
  addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))
  window.longTasksMs = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasksMs.push(duration)
  }).observe({ type: 'longtask', buffered: true })
  window.layoutShift = 0
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.layoutShift += value
  }).observe({ type: 'layout-shift', buffered: true })
`

/** Opens an address of `origin` and waits until the page is live. */
export async function watchPage(
  browser: Browser,
  origin: string,
  hash: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await browser.page(options)
  // Less than the time-out of a test, so that its failure names what it waited for.
  page.setDefaultTimeout(12_000)
  const seen: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin !== origin && url.protocol !== 'data:') seen.push(`request: ${request.url()}`)
  })
  await page.addInitScript(recordViolations)
  await page.goto(`${origin}/${hash}`)
  await page.waitForSelector('#connection[data-state=live]')
  return {
    page,
    complaints: async () => [...seen, ...(await page.evaluate<string[]>('window.violations'))],
  }
}

/** Nothing that the page should not have done was done. */
export async function expectNoComplaints({ complaints }: WatchedPage): Promise<void> {
  expect(await complaints()).toEqual([])
}
