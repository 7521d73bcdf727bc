import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Readings } from '../../../src/detect/monitor.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive } from '../../../src/web/live/live.ts'
import { startWeb } from '../../../src/web/web_server.ts'
import {
  anIncident,
  errorOf,
  firstRequestOf,
  incidentClosed,
  incidentOpened,
  recycleOf,
} from '../../support/farms/sample_events.ts'
import { sampleFarm, sampleOutcome } from '../../support/farms/sample_farm.ts'
import { suiteWith } from '../../support/processes/real_binaries.ts'
import { quietLog } from '../../support/quiet_log.ts'
import { seriousFindings } from '../../support/web/axe.ts'
import { type Browser, openBrowser } from '../../support/web/browser.ts'
import { samplePorts } from '../../support/web/sample_web.ts'

const minuteMs = 60_000
const nowMs = Date.now()
const farmNames = ['intranet', ...Array.from({ length: 29 }, (_, index) => `farm${index + 1}`)]
const targets = ['balancer', 'web01', 'web02']

/** Six cold starts of web01, 25 minutes apart; what a node of farm1 hides; and what users of farm2 get just now. */
const cold = [1, 2, 3, 4, 5, 6].map((times) =>
  anIncident({
    openedMs: nowMs - times * 25 * minuteMs,
    why: [
      { weight: 'strong', sentence: 'web01 still owed an answer each time the balancer gave up' },
      { weight: 'fair', sentence: 'web02 answered all the while' },
    ],
  }),
)
const hidden = anIncident({
  id: 'farm1-hidden',
  farm: 'farm1',
  impact: 'hidden',
  openedMs: nowMs - 20 * minuteMs,
  closedMs: null,
  errors: {},
  usersMs: null,
  probes: 0,
  failed: 0,
  failedShare: 0,
  node: 'web02',
  cause: 'node_down',
  summary: 'For 20 min web02 of farm1 has refused connections, and users notice nothing.',
})
const felt = anIncident({
  id: 'farm2-felt',
  farm: 'farm2',
  openedMs: nowMs - 6 * minuteMs,
  closedMs: null,
  errors: { 502: 58 },
  probes: 100,
  failed: 58,
  failedShare: 0.58,
  node: 'balancer',
  cause: 'balancer',
  summary: 'For 6 min 58 % of the requests to farm2 have failed (58 × 502), while every node answers.',
})

/** The stall, the recycle, the errors and the first request of a cold start. */
function eventsOf({ id, openedMs }: Incident): FarmEvent[] {
  const about = { farm: 'intranet', maintenance: false, incident: id }
  const errors = Array.from({ length: 7 }, (_, index) =>
    errorOf('web01', openedMs + index * 1400, { status: 504, firstByteMs: 30_000, incident: id }),
  )
  return [
    { kind: 'stall', ...about, atMs: openedMs, target: 'web01', lengthMs: 40_000, probes: 9 },
    { ...recycleOf('web01', openedMs + 500), incident: id },
    ...errors,
    { ...firstRequestOf('web01', openedMs, 40_000), incident: id },
  ]
}

const readings = (farm: string, incidents: readonly Incident[]): Readings => ({
  links: [],
  incidents: incidents.filter((each) => each.farm === farm && each.closedMs === null),
  verdicts: [
    {
      check: 'home',
      verdict: farm === 'farm1' ? 'masked' : farm === 'farm2' ? 'balancer_fault' : 'ok',
      sinceMs: nowMs - 20 * minuteMs,
      spentMs: { ok: 0, unknown: 0, masked: 0, node_fault: 0, balancer_fault: 0, farm_down: 0 },
    },
  ],
  baselines: [],
  openOutages: [],
  lastRecycles: [],
})

/** A server that has seen these incidents, and what fails just now. */
async function start(incidents: readonly Incident[]) {
  const live = createLive({ ...systemClock, wallMs: () => systemClock.wallMs() - 180 * minuteMs })
  for (const farm of farmNames)
    for (const target of targets) {
      const fails = (farm === 'farm1' && target === 'web02') || (farm === 'farm2' && target === 'balancer')
      const failure = fails ? ({ reason: 'status', status: 502, detail: 'The status is 502.' } as const) : {}
      const role = target === 'balancer' ? 'balancer' : 'node'
      live.observe(
        sampleOutcome({ farm, target, role, startedMs: nowMs, id: `${farm} ${target}`, ...failure }),
      )
    }
  for (const incident of incidents.toReversed()) {
    live.record(incidentOpened(incident))
    if (incident.closedMs === null) continue
    for (const event of eventsOf(incident)) live.record(event)
    live.observe(
      sampleOutcome({
        role: 'balancer',
        target: 'balancer',
        id: `error-${incident.openedMs}`,
        startedMs: incident.openedMs,
        totalMs: 30_000,
        reason: 'status',
        status: 504,
        detail: 'The status is 504.',
      }),
    )
    live.record(incidentClosed(incident))
  }
  let present = incidents
  const ports = samplePorts({
    live,
    readings: (farm) => readings(farm, present),
    farms: () => farmNames.map((name) => sampleFarm({ name })),
  })
  const common = { version: '1', clock: systemClock, log: quietLog().log, host: '127.0.0.1' }
  const web = await startWeb({ ...common, port: 0, ports })
  return {
    url: web.url,
    live,
    end(incident: Incident, closedMs: number) {
      present = present.filter((each) => each !== incident)
      live.record(incidentClosed({ ...incident, closedMs }))
    },
    [Symbol.asyncDispose]: () => web.close(),
  }
}

const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts()

suiteWith('chromium')('incidents on the page', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
  }, 30_000)

  afterAll(() => browser[Symbol.asyncDispose]())

  async function open(url: string, hash: string, options: BrowserContextOptions = {}) {
    const page = await browser.page({ timezoneId: 'Europe/Berlin', locale: 'en-GB', ...options })
    await page.goto(`${url}/${hash}`)
    await page.waitForSelector('#connection[data-state=live]')
    return page
  }

  test('what is wrong now comes first, the farm that users feel most on top, a sentence each', async () => {
    await using server = await start([...cold, hidden, felt])
    const page = await open(server.url, '#/')
    expect(await page.textContent('h1')).toBe('2 of 30 farms are in trouble')
    expect(await texts(page, '.trouble h3')).toEqual([felt.summary, hidden.summary])
    expect(await texts(page, '.trouble .tag')).toEqual(['Users get errors', 'Users notice nothing'])
    expect(await page.textContent('.trouble >> nth=0')).toContain('58 %of requests fail')
    const [now, recent, farms] = await Promise.all(
      ['.now', '.incidents', 'section.farm >> nth=0'].map((selector) => page.locator(selector).boundingBox()),
    )
    expect([now?.y, recent?.y, farms?.y].toSorted((a = 0, b = 0) => a - b)).toEqual([
      now?.y,
      recent?.y,
      farms?.y,
    ])
    expect(await texts(page, 'section.farm h3')).toEqual([
      'farm2',
      'farm1',
      'intranet',
      '27 farms without an incident in the last hour',
    ])
    expect(await page.textContent('section.farm[aria-label="Farm farm1"] .verdict strong')).toBe(
      'Users notice nothing, but 1 of 2 nodes fails',
    )
    expect(await page.title()).toBe('✕ farm2 – farmprobe')
    await page.close()
  })

  test('all is well since the last incident ended, also where no verdict had changed', async () => {
    await using server = await start([
      anIncident({ openedMs: nowMs - 10 * minuteMs, closedMs: nowMs - 9 * minuteMs }),
    ])
    const page = await open(server.url, '#/')
    expect(await page.textContent('section.farm[aria-label="Farm intranet"] .verdict')).toMatch(
      /for (9|10) min/,
    )
    await page.close()
  })

  test('those that are over are a list with impact, culprit, cause, length, share and repetition', async () => {
    await using server = await start(cold)
    const page = await open(server.url, '#/')
    expect(await texts(page, '.trouble h3')).toEqual([
      'farm2: Users get errors: the balancer fails.',
      'farm1: Users notice nothing, but 1 of 2 nodes fails.',
    ])
    const [first] = await texts(page, '.incidents tr[data-incident]')
    expect(first?.replaceAll(/\s+/g, ' ')).toMatch(
      /^\d\d:\d\d got errors intranet web01 started cold 6th in 7 days 41 s 33 %$/,
    )
    expect(await page.locator('.incidents tr[data-incident]').count()).toBe(6)
    await page.close()
  })

  test('one that ends while the page is open moves from what is wrong to what was', async () => {
    await using server = await start([felt])
    const page = await open(server.url, '#/')
    await page.waitForSelector('.trouble:has-text("farm2")')
    const closedMs = systemClock.wallMs()
    const about = { atMs: closedMs, farm: 'farm2', maintenance: false, check: 'home', heldMs: 1000 }
    server.live.record({ kind: 'verdict', ...about, verdict: 'ok', previous: 'balancer_fault' })
    server.end(felt, closedMs)
    await page.waitForSelector(`.incidents tr[data-incident="${felt.id}"]`)
    await expect.poll(() => page.locator('.trouble').count()).toBe(1)
    expect(await page.textContent('.trouble')).toContain('farm1')
    await page.close()
  })

  test('the page of one tells its story, its reasons, its cure and the text for the ticket', async () => {
    const [one, before] = cold
    if (one === undefined || before === undefined) throw new Error('no incidents')
    await using server = await start(cold)
    const page = await open(server.url, `#/incident/${one.id}`)
    await page.waitForSelector('h1')
    expect(await page.textContent('h1')).toBe(one.summary)
    expect(await texts(page, '.lane .who')).toEqual(targets)
    expect(await page.locator('.lane:has-text("web01") .track .stall').count()).toBe(1)
    expect(await page.getAttribute('.lane:has-text("web01") .track', 'aria-label')).toMatch(
      /^web01: stall: answered nobody from [\d:]+ to [\d:]+; recycle at [\d:]+; first request answered at [\d:]+$/,
    )
    const story = await texts(page, '.story-lines li')
    expect(story.length).toBeLessThanOrEqual(8)
    expect(story[2]).toMatch(
      /a 504 from the balancer after 30s on home: web01 was starting cold, and 6 more like it\. From here users got errors\.$/,
    )
    expect(await page.textContent('section[aria-labelledby=answers] summary')).toContain('answered 504')
    expect(await texts(page, '.reasons li')).toEqual([
      expect.stringMatching(/^Strong\s+web01 still owed an answer/),
      expect.stringMatching(/^Fair\s+web02 answered all the while/),
      expect.stringMatching(/^Against\s+Nothing\.$/),
    ])
    expect(await page.textContent('.sure')).toContain('Caused by web01: almost certain 98 %')
    expect(await page.getAttribute('section:has(#cure) a', 'href')).toMatch(
      /docs\/runbooks\/FarmprobeFirstRequestSlow\.md$/,
    )
    expect(await page.locator('section.before tbody tr').count()).toBe(5)

    const text = (await page.textContent('pre[aria-label="The incident as text"]')) ?? ''
    const utc = new Date(one.openedMs).toISOString().slice(11, 19)
    expect(text).toMatch(new RegExp(`When: .* CES?T \\(${utc} to [\\d:]+ UTC\\), 41 s\n`))
    expect(text).toContain('Impact: Users got errors; 7 × 504; 33 % of requests (7 of 21)\n')
    expect(text).toContain(
      'Culprit: web01 (almost certain, 98 %)\nCause: started cold\nBefore: the 6th in 7 days\n',
    )
    expect(text).toContain(`Evidence: ${page.url()}`)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click('button:text-is("Copy as text")')
    await page.waitForSelector('[role=status]:text-is("Copied.")')
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text)

    const local = await page.textContent('.story-lines time >> nth=0')
    await page.click('#clock')
    expect(await page.textContent('#clock')).toMatch(/UTC$/)
    await expect.poll(() => page.textContent('.story-lines time >> nth=0')).toBe(utc)
    expect(local).not.toBe(utc)

    await page.click('section.before tbody a >> nth=0')
    await expect.poll(() => page.textContent('.crumbs')).toContain(before.id)
    await page.close()
  })

  const looks: Readonly<Record<string, BrowserContextOptions>> = {
    light: { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    'dark phone': {
      colorScheme: 'dark',
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    },
  }

  test.each(Object.entries(looks))('axe finds nothing serious, with 30 farms: %s', async (_look, options) => {
    await using server = await start([...cold, hidden, felt])
    for (const hash of ['#/', '#/incidents', `#/incident/${cold[0]?.id}`, '#/farm/farm1']) {
      const page = await open(server.url, hash, options)
      await page.waitForSelector('.incidents tr[data-incident], .lane, .trouble')
      expect({ hash, findings: await seriousFindings(page) }).toEqual({ hash, findings: [] })
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false)
      await page.close()
    }
  })
})
