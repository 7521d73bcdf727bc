import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Farmprobe, startFarmprobe } from '../../support/processes/farmprobe_process.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { shopConfig } from '../../support/processes/real_farm.ts'
import { answerBytes, type RawServer, say, startRawServer } from '../../support/servers/raw_server.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

const run = 'window.isTaken=true;alert(1)'
const markup = [
  `<script>${run}</script>`,
  `<img src=x onerror="${run}">`,
  `<svg onload="${run}"><style>*{display:none}</style>`,
  `<a href="javascript:${run}">click</a>`,
  `"><iframe srcdoc="<script>parent.${run}</script>">`,
  '</pre></details><base href="https://example.org/"><meta http-equiv="refresh" content="0;url=https://example.org/">',
  '{{constructor.constructor("alert(1)")()}}',
].join('\n')
const oneLine = markup.replaceAll('\n', ' ')

suiteWith('chromium')('a node that sends markup and script', () => {
  let browser: Browser
  let node: RawServer
  let farmprobe: Farmprobe

  beforeAll(async () => {
    const headers = [
      `X-Evil: ${oneLine}`,
      `${'<b>X</b>'.replaceAll(/[<>/]/g, '!')}: 1`,
      'Content-Type: text/html',
    ]
    node = await startRawServer(say(answerBytes(markup, headers, `500 ${oneLine}`)))
    const address = `127.0.0.1:${node.port}`
    const check = { interval: '1s', timeout: '2s' }
    farmprobe = await startFarmprobe(
      shopConfig({ balancer: address, nodes: [{ name: 'a', address }], check }),
    )
    browser = await openBrowser()
  }, 30_000)

  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await farmprobe[Symbol.asyncDispose]()
    await node[Symbol.asyncDispose]()
  })

  test('is shown as text, and nothing of it runs', async () => {
    const watched = await watchPage(browser, farmprobe.url, '#/farm/shop/node/a')
    const { page } = watched
    await page.waitForSelector('.failures summary')
    await page.click('.failures summary >> nth=0')
    const shown = page.locator('.failures details[open] pre')
    await expect.poll(() => shown.nth(0).textContent()).toContain(`500 ${oneLine.slice(0, 256)}\n`)
    expect(await shown.nth(0).textContent()).toContain(`X-Evil: ${oneLine}`)
    expect(await shown.nth(1).textContent()).toBe(markup)
    expect(await page.locator('pre *').count()).toBe(0)
    expect(await page.locator('iframe, base, meta[http-equiv], img, main script, main style').count()).toBe(0)
    const { incidents } = JSON.parse((await farmprobe.get('/api/v1/incidents')).text)
    const signs = {
      '#/': '.trouble',
      '#/events': '.event :text("<script>")',
      '#/incidents': 'tr[data-incident]',
      [`#/incident/${incidents[0].id}`]: '.failures summary',
      [`#/farm/${encodeURIComponent(oneLine)}`]: '.not-there',
      [`#/farm/${encodeURIComponent(oneLine)}/node/${encodeURIComponent(markup)}`]: '.not-there',
    }
    for (const [hash, sign] of Object.entries(signs)) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      await page.waitForSelector(sign)
      expect(await page.locator('main img, main iframe, main script').count()).toBe(0)
    }
    expect(await page.evaluate('window.isTaken')).toBeUndefined()
    await expectNoComplaints(watched)
    await page.close()
  })
})
