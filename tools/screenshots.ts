/**
 * Takes the pictures of the page that the README and docs/first-hour.md show: a simulated farm on a bad morning, watched for some hours
 * within a second, then looked at with Chromium.
 */
import { mkdir } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { hourMs, minuteMs, secondMs } from '../src/runtime/duration.ts'
import { app, balancer, check, latency, node, pool, scenario } from '../src/simulator/farm/blueprint_parts.ts'
import { about } from '../src/simulator/farm/chance.ts'
import type { Answer } from '../src/web/api/schemas.ts'
import { openBrowser } from '../test/support/web/browser.ts'
import { type Staged, stageService } from '../test/support/web/staged_service.ts'

const folder = new URL('../docs/images/', import.meta.url)
const watchedMs = 175 * minuteMs

/** Recycles now and then, cold starts that the balancer does not wait for, a crash, and one node that is down just now. */
const badMorning = scenario('intranet', 'A morning worth looking at.', {
  nodes: ['web01', 'web02', 'web03', 'web04', 'web05', 'web06'].map((name, index) => {
    const recycle = { everyMs: (83 + 7 * index) * minuteMs }
    const preload = index === 3
    const worker = pool({ coldMs: about(7000, 0.2), hosting: 'in_process', preload, recycle })
    return node(name, app({ pool: worker, latency: latency({ body: about(28 + 3 * index, 0.25) }) }))
  }),
  balancer: balancer({ timeoutMs: 4000 }),
  users: { perSecond: 0.2, night: 1 },
  checks: [check({ intervalMs: 2 * secondMs })],
  happenings: [
    { when: at(131), nodes: ['web02'], what: { kind: 'crash' } },
    { when: at(158), nodes: ['web02'], what: outage('refused', 40) },
    { when: at(151.2), nodes: ['web05'], what: outage('status_500', 75) },
    { when: at(163), what: { kind: 'weather', add: about(350), loss: 0.02, forMs: about(50_000) } },
    { when: at(174.62), nodes: ['web03'], what: outage('refused', 300) },
  ],
})

/** Of three nodes one recycles every 29 hours, as IIS ships it, and takes longer to start than the balancer waits. */
const everyTwentyNineHours = scenario('intranet', 'For docs/first-hour.md.', {
  nodes: ['web01', 'web02', 'web03'].map((name) => {
    const recycle = name === 'web03' ? { everyMs: 29 * hourMs } : {}
    const worker = pool({ coldMs: about(9000, 0.1), hosting: 'in_process', preload: false, recycle })
    return node(name, app({ pool: worker, latency: latency({ body: about(30, 0.25) }) }))
  }),
  balancer: balancer({ timeoutMs: 4000 }),
  users: { perSecond: 0.2, night: 1 },
  checks: [check({ intervalMs: 2 * secondMs })],
})

/** Until some minutes after its fourth recycle. */
const fourRecyclesMs = 5480 * minuteMs

function at(minutes: number) {
  return { kind: 'at', offsetsMs: [minutes * minuteMs] } as const
}

function outage(how: 'refused' | 'status_500', seconds: number) {
  return { kind: 'outage', how, forMs: about(seconds * secondMs, 0.01), restarts: true } as const
}

interface Shot {
  readonly name: string
  readonly hash: string
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}

const shots: readonly Shot[] = [
  { name: 'farm-light', hash: '#/', width: 1280, height: 1120, scheme: 'light' },
  { name: 'incident-light', hash: '#/incident/…', width: 1280, height: 1120, scheme: 'light' },
  {
    name: 'node-dark',
    hash: '#/farm/intranet/node/web02?range=1h',
    width: 1280,
    height: 1000,
    scheme: 'dark',
  },
  { name: 'farm-phone', hash: '#/', width: 390, height: 844, scheme: 'light' },
  { name: 'incident-phone', hash: '#/incident/…', width: 390, height: 844, scheme: 'dark' },
  {
    name: 'node-phone',
    hash: '#/farm/intranet/node/web02?range=1h',
    width: 390,
    height: 844,
    scheme: 'dark',
  },
]

const firstHour: Shot = {
  name: 'first-hour',
  hash: '#/incident/…',
  width: 1100,
  height: 900,
  scheme: 'light',
}

/** Takes pictures of the staged service into `into`. */
async function takeAll(wanted: readonly Shot[], staged: Staged, into: URL): Promise<void> {
  await using browser = await openBrowser()
  const worst = await worstIncident(staged)
  for (const { name, hash, width, height, scheme } of wanted) {
    const page = await browser.page({ viewport: { width, height }, colorScheme: scheme })
    await page.goto(`${staged.web.url}/${hash.replace('…', worst)}`)
    await settled(page, hash)
    await page.screenshot({ path: new URL(`${name}.png`, into).pathname })
    await page.close()
    process.stdout.write(`wrote docs/images/${name}.png\n`)
  }
}

/** The incident that is over and cost users the most answers. */
async function worstIncident({ web }: Staged): Promise<string> {
  const answer = await fetch(`${web.url}/api/v1/incidents`)
  const { incidents } = (await answer.json()) as Answer<'incidents'>
  const errorsOf = ({ errors }: (typeof incidents)[number]) =>
    Object.values(errors).reduce((sum, count) => sum + count, 0)
  const over = incidents.filter(({ closedMs }) => closedMs !== null).sort((a, b) => errorsOf(b) - errorsOf(a))
  return over[0]?.id ?? ''
}

const signs = { '#/': '.strip .ok[d*=M]', '#/incident/…': '.lane' }

async function settled(page: Page, hash: string): Promise<void> {
  await page.waitForSelector(hash in signs ? signs[hash as keyof typeof signs] : '.chart canvas')
  await page.waitForSelector('.connection[data-state=live]')
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
}

if (import.meta.main) {
  await mkdir(folder, { recursive: true })
  await using staged = await stageService(badMorning, 7, watchedMs)
  staged.live.marked({
    atMs: staged.clock.wallMs() - 31 * minuteMs,
    text: 'set AlwaysRunning on web04',
    farm: 'intranet',
    target: 'web04',
  })
  await takeAll(shots, staged, folder)
  await using days = await stageService(everyTwentyNineHours, 3, fourRecyclesMs)
  await takeAll([firstHour], days, folder)
}
