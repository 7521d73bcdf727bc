/** How true the first-byte time is: its error against the time that the server itself took over the answer. */

import { setTimeout as sleep } from 'node:timers/promises'
import { nodeSettings } from '../../../test/support/processes/node_settings.ts'
import { ask, startPeer, stop, untilAnswering } from '../../processes.ts'
import { median } from '../../statistics.ts'
import type { Plan } from '../durations.ts'
import { keepScraping, scrape, seriesIn, writeConfiguration } from '../farmprobe.ts'
import { type FirstByteErrors, firstByteErrors } from '../first_byte_errors.ts'
import { atMost, type Row } from '../table.ts'
import { startTargets, type Targets } from '../targets.ts'

const targets = 300
const perSecond = 300
const manySeries = 100_000
const goalMs = 3
const goalWorseMs = 0.5

interface Errors extends FirstByteErrors {
  readonly series: number
}

/** Quiet and scraped rounds in turn; each figure is the median of its rounds. */
export async function accuracyRows(plan: Plan): Promise<Row[]> {
  await using servers = await startTargets('hold')
  const quiet: Errors[] = []
  const scraped: Errors[] = []
  for (let round = 0; round < plan.accuracyRounds; round += 1) {
    const alone = await errors(servers, plan, 0)
    const perTarget = alone.series / targets
    quiet.push(alone)
    scraped.push(await errors(servers, plan, Math.ceil((manySeries - alone.series) / perTarget)))
  }
  const thousands = Math.round(middle(scraped, 'series') / 1000)
  const worse = middle(scraped, 'p99') - middle(quiet, 'p99')
  return [
    described(`first-byte error, ${perSecond} probes/s, quiet`, quiet),
    described(
      `first-byte error, ${perSecond} probes/s, ${thousands},000 series scraped every second`,
      scraped,
    ),
    atMost('first-byte error at p99, scraped minus quiet', worse, goalWorseMs, milliseconds),
  ]
}

function described(what: string, rounds: readonly Errors[]): Row {
  const [p50, p99, max] = (['p50', 'p99', 'max'] as const).map((figure) =>
    milliseconds(middle(rounds, figure)),
  )
  const met = middle(rounds, 'p99') <= goalMs
  return { what, measured: `p50 ${p50}, p99 ${p99}, max ${max}`, goal: { text: `p99 <= ${goalMs} ms`, met } }
}

/** One round: probing with so many idle targets beside; when there are any, it is scraped every second. */
async function errors(servers: Targets, plan: Plan, idleTargets: number): Promise<Errors> {
  const load = { port: servers.port, targets, intervalMs: (targets / perSecond) * 1000, idleTargets }
  using file = await writeConfiguration(load)
  const child = await startPeer(new URL('../peers/observed.ts', import.meta.url), [file.path], nodeSettings)
  await untilAnswering(child, `${file.url}/-/healthy`)
  using _scraping = idleTargets > 0 ? keepScraping(file.url, 1000) : undefined
  await sleep(plan.warmUpMs)
  const series = seriesIn(await scrape(file.url))
  await Promise.all([ask(child, 'outcomes'), servers.takeHolds()])
  await sleep(plan.windowMs)
  const outcomes = await ask<[id: string, firstByteMs?: number][]>(child, 'outcomes')
  const holds = await servers.takeHolds()
  await stop(child)
  return { ...firstByteErrors(outcomes, holds, (perSecond * plan.windowMs) / 1000), series }
}

const middle = (rounds: readonly Errors[], figure: keyof Errors) =>
  median(rounds.map((round) => round[figure]))
const milliseconds = (ms: number) => `${ms.toFixed(2)} ms`
