import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Farmprobe, startFarmprobe } from '../../support/processes/farmprobe_process.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { type ScriptedNodes, shopConfig, startScriptedNodes } from '../../support/processes/real_farm.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

const rowOf = (name: string) => `.targets tr:has(a:text-is("${name}"))`

suiteWith('chromium')('the page of a running farmprobe', () => {
  let browser: Browser
  let nodes: ScriptedNodes
  let farmprobe: Farmprobe

  beforeAll(async () => {
    nodes = await startScriptedNodes('front', 'a', 'b')
    const behind = [nodes.named('a'), nodes.named('b')]
    const check = { interval: '1s', timeout: '2s', burst: { interval: '200ms', for: '5s' } }
    const config = shopConfig({ balancer: nodes.named('front').address, nodes: behind, check })
    farmprobe = await startFarmprobe({ ...config, incidents: { quiet: '2s' } })
    browser = await openBrowser()
  }, 30_000)

  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await farmprobe[Symbol.asyncDispose]()
    await nodes[Symbol.asyncDispose]()
  })

  test('shows an outage within 2 s of its start without being loaded again, and its end', async () => {
    const watched = await watchPage(browser, farmprobe.url, '#/')
    const { page } = watched
    await page.waitForSelector(`${rowOf('a')}[data-tone=ok]`)
    await page.evaluate('window.isSamePage = true')
    const startedMs = performance.now()
    await nodes.named('a').kill()
    await page.waitForSelector(`${rowOf('a')}[data-tone=bad]`)
    const tookMs = performance.now() - startedMs
    console.info(`an outage was on the page after ${Math.round(tookMs)} ms`)
    expect(tookMs).toBeLessThan(2000)
    await expect.poll(() => page.textContent(`${rowOf('a')} .words`)).toBe('refused')
    await page.waitForSelector('.verdict strong:text-is("Users notice nothing, but 1 of 2 nodes fails")')
    await page.waitForSelector('h1:text-is("shop is in trouble")')
    await page.waitForSelector('.trouble a[href^="#/incident/"]:has-text("shop")')
    expect(await page.textContent('.trouble .tag')).toBe('Users notice nothing')
    expect(await page.title()).toBe('farmprobe')

    await nodes.named('a').restart()
    await page.waitForSelector(`${rowOf('a')}[data-tone=ok]`)
    await page.waitForSelector('.incidents tr[data-incident]:has-text("noticed nothing")')
    await page.waitForSelector('.verdict strong:text-is("All is well")')
    await page.waitForSelector('h1:text-is("shop is well")')
    expect(await page.evaluate('window.isSamePage')).toBe(true)
    await expectNoComplaints(watched)
    await page.close()
  })

  test('the page of a node shows its outage, its recycle and its failures', async () => {
    const watched = await watchPage(browser, farmprobe.url, '#/')
    const { page } = watched
    await page.click(`${rowOf('a')} a`)
    await page.waitForSelector('h1:text-is("a")')
    expect(new URL(page.url()).hash).toBe('#/farm/shop/node/a')
    await page.waitForSelector('section[aria-label=Outages] td:has-text("refused")')
    await page.waitForSelector('section[aria-label=Recycles] td:has-text("another worker answers")')
    await page.waitForSelector('.chart.first-byte canvas')
    await page.click('.failures summary >> nth=0')
    await page.waitForSelector('.failures details[open] :text("No answer came.")')
    await page.goBack()
    await page.waitForSelector(rowOf('a'))
    await expectNoComplaints(watched)
    await page.close()
  })

  test('events can be filtered, and each has an address of its own', async () => {
    const watched = await watchPage(browser, farmprobe.url, '#/events')
    const { page } = watched
    await page.waitForSelector('.event[data-kind=outage_closed]')
    await page.click('.chip:text-is("Recycles")')
    await page.waitForSelector('.chip[aria-checked=true]:text-is("Recycles")')
    await page.waitForSelector('.event[data-kind=recycle]')
    expect(await page.locator('.event:not([data-kind=recycle])').count()).toBe(0)
    await page.click('.event .time >> nth=0')
    await page.waitForSelector('.event.marked[data-kind=recycle]')
    await page.reload()
    await page.waitForSelector('.event.marked[data-kind=recycle]')
    await expectNoComplaints(watched)
    await page.close()
  })

  test('the page of a node is read again and again while it keeps failing', async () => {
    const watched = await watchPage(browser, farmprobe.url, '#/farm/shop/node/a')
    const { page } = watched
    await page.waitForSelector('.columns')
    await nodes.named('a').kill()
    await page.waitForSelector('section[aria-label=Outages] td:has-text("still on")')
    // A burst fails every 200 ms for 5 s: each failure calls for a reading, and none may put it off.
    const request = await page.waitForRequest('**/api/v1/failures*', { timeout: 3000 })
    expect(request.url()).toContain('?farm=shop&target=a&')
    await nodes.named('a').restart()
    await page.waitForSelector('.target-head .verdict[data-tone=ok]')
    await expectNoComplaints(watched)
    await page.close()
  })

  test('can be used with the keyboard alone', async () => {
    const { page } = await watchPage(browser, farmprobe.url, '#/')
    await page.waitForSelector(rowOf('b'))
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate('document.activeElement.textContent')) === 'b') break
    }
    await page.keyboard.press('Enter')
    await page.waitForSelector('h1:text-is("b")')
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main')
    await page.close()
  })

  test('the link to the content keeps the place that is shown', async () => {
    const { page } = await watchPage(browser, farmprobe.url, '#/farm/shop/node/b')
    await page.waitForSelector('h1:text-is("b")')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    expect(new URL(page.url()).hash).toBe('#/farm/shop/node/b')
    await page.close()
  })

  test('left open while farmprobe hangs, then is killed, never claims that all is well', async () => {
    const page = await browser.page()
    await page.clock.install()
    await page.goto(farmprobe.url)
    await page.waitForSelector('h1:text-is("shop is well")')
    const isLost = async () => {
      await page.waitForSelector('.lost-note h2:text-is("No connection to farmprobe")')
      await page.waitForSelector('.clock:has-text("stopped at")')
      await page.waitForSelector('.verdict strong:text-is("Was well")')
      await expect
        .poll(() => page.locator('.targets .words').allTextContents())
        .toEqual(Array(3).fill('was ok'))
      expect(await page.locator('.farm .shape:not([data-tone=unknown])').count()).toBe(0)
      expect(await page.textContent('body')).not.toMatch(/\bis well|[^-]live\b| ago\b/)
      expect(await page.title()).toBe('No connection – farmprobe')
    }
    farmprobe.process.signal('SIGSTOP')
    await page.clock.fastForward(13_000)
    await isLost()
    farmprobe.process.signal('SIGCONT')
    await page.waitForSelector('#connection[data-state=live]')
    await page.waitForSelector('h1:text-is("shop is well")')

    farmprobe.process.signal('SIGKILL')
    await isLost()
    const stoppedAt = await page.textContent('.clock time')
    await page.clock.fastForward(3_600_000)
    await isLost()
    expect(await page.textContent('.clock time')).toBe(stoppedAt)
    await page.close()
  })
})
