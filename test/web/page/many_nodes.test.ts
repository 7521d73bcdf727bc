import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive, type Live } from '../../../src/web/live/live.ts'
import { startWeb } from '../../../src/web/web_server.ts'
import { sampleFarm, sampleOutcome } from '../../support/farms/sample_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'
import { expectNoComplaints, watchPage } from '../../support/web/watched_page.ts'

const nodes = Array.from({ length: 200 }, (_, index) => `web${String(index + 1).padStart(3, '0')}`)

/** One probe of every node at `atMs`; some of one node fail. */
function probeAll(live: Live, atMs: number): void {
  for (const [index, target] of nodes.entries()) {
    const failed = target === 'web042' && Math.floor(atMs / 1000) % 7 === 0
    const changes = failed ? ({ reason: 'refused', status: 0, detail: 'Nobody listens.' } as const) : {}
    const firstByteMs = 20 + ((index * 7 + atMs / 1000) % 30)
    live.observe(
      sampleOutcome({ target, startedMs: atMs + index, id: `${atMs} ${target}`, firstByteMs, ...changes }),
    )
  }
}

suiteWith('chromium')('200 nodes at 1 s', () => {
  // Tasks take longer than they should while other suites keep the machine busy.
  test('are shown without a long task and without anything jumping about', { retry: 3 }, async () => {
    const nowMs = Date.now()
    const live = createLive({ ...systemClock, wallMs: () => nowMs - 3_600_000 })
    for (let atMs = nowMs - 3_600_000; atMs < nowMs; atMs += 20_000) probeAll(live, atMs)
    const ports = samplePorts({ live, farms: () => [sampleFarm({}, nodes)] })
    const common = { clock: systemClock, log: quietLog().log, version: '1' }
    await using browser = await openBrowser()
    const web = await startWeb({ ...common, host: '127.0.0.1', port: 0, ports })
    // Also where the test fails and is tried again.
    await using _closing = { [Symbol.asyncDispose]: () => web.close() }
    const watched = await watchPage(browser, web.url, '#/', { viewport: { width: 1360, height: 900 } })
    const { page } = watched
    await page.waitForSelector('.targets tr:has-text("web200")')
    for (let second = 0; second < 5; second++) {
      probeAll(live, Date.now())
      await delay(1000)
    }
    const longestMs = await page.evaluate<number>('Math.max(0, ...window.longTasksMs)')
    const shift = await page.evaluate<number>('window.layoutShift')
    console.info(`200 nodes: the longest task took ${longestMs} ms, layout shift ${shift.toFixed(4)}`)
    expect(longestMs).toBeLessThan(200)
    expect(shift).toBeLessThan(0.01)
    await expectNoComplaints(watched)
  })
})
