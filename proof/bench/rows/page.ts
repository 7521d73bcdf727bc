/** What watching costs: 200 nodes every second with a journal and the page open, beside the same with neither. */

import { setTimeout as sleep } from 'node:timers/promises'
import { nodeSettings } from '../../../test/support/processes/node_settings.ts'
import { openBrowser } from '../../../test/support/web/browser.ts'
import { ask, startPeer, stop } from '../../processes.ts'
import type { Plan } from '../durations.ts'
import { scrape, total, writeConfiguration } from '../farmprobe.ts'
import { type FirstByteErrors, firstByteErrors } from '../first_byte_errors.ts'
import { atMost, type Row } from '../table.ts'
import { startTargets } from '../targets.ts'

/** One farm: its balancer and 200 nodes. */
const targets = 201
const intervalMs = 1000
const goalWorseMs = 0.5

interface Seen extends FirstByteErrors {
  readonly missedSlots: number
}

/** Both run at the same time, so that whatever else the machine does befalls both alike. */
export async function pageRows(plan: Plan): Promise<Row[]> {
  const [alone, watched] = await Promise.all([observe(plan, false), observe(plan, true)])
  const minutes = plan.pageMs / 60_000
  const worse = watched.p99 - alone.p99
  return [
    described(`200 nodes at 1 s for ${minutes.toFixed(1)} min, first-byte error, no journal, no page`, alone),
    described('the same, with a journal and the page open in Chromium', watched),
    atMost('first-byte error at p99, watched minus alone', worse, goalWorseMs, milliseconds),
    atMost('missed slots, watched minus alone', watched.missedSlots - alone.missedSlots, 0, String),
  ]
}

async function observe(plan: Plan, watched: boolean): Promise<Seen> {
  await using servers = await startTargets('hold')
  using file = await writeConfiguration({ port: servers.port, targets, intervalMs, farmSize: targets })
  const peer = new URL('../peers/observed.ts', import.meta.url)
  const child = await startPeer(peer, [file.path, ...(watched ? ['remember'] : [])], nodeSettings)
  await using _page = watched ? await openPage(file.url) : undefined
  await sleep(plan.warmUpMs)
  await Promise.all([ask(child, 'outcomes'), servers.takeHolds()])
  const missedBefore = await missedSlots(file.url)
  await sleep(plan.pageMs)
  const outcomes = await ask<[id: string, firstByteMs?: number][]>(child, 'outcomes')
  const holdsMs = await servers.takeHolds()
  const missed = (await missedSlots(file.url)) - missedBefore
  await stop(child)
  return { ...firstByteErrors(outcomes, holdsMs, (targets * plan.pageMs) / intervalMs), missedSlots: missed }
}

/** The farm at a glance, kept open; it is an error when it does not come to show the last node. */
async function openPage(url: string): Promise<AsyncDisposable> {
  const browser = await openBrowser()
  const page = await browser.page({ viewport: { width: 1360, height: 900 } })
  await page.goto(url)
  await page.waitForSelector(`.targets tr:has-text("web${targets - 2}")`)
  return browser
}

const missedSlots = async (url: string) => total(await scrape(url), 'farmprobe_missed_slots_total')

function described(what: string, { p50, p99, max, missedSlots: missed }: Seen): Row {
  const figures = [p50, p99, max].map(milliseconds)
  return { what, measured: `p50 ${figures[0]}, p99 ${figures[1]}, max ${figures[2]}; ${missed} missed slots` }
}

const milliseconds = (ms: number) => `${ms.toFixed(2)} ms`
