/** What one probe costs: processor time of the whole process, beside blackbox_exporter and a bare socket loop. */

import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMicroseconds, pidOf, startPeer, stop } from '../../processes.ts'
import { median, spread } from '../../statistics.ts'
import { isBlackboxInstalled, startBlackbox } from '../blackbox.ts'
import type { Plan } from '../durations.ts'
import { keepScraping, type Prober, startFarmprobe } from '../farmprobe.ts'
import { atMost, type Row } from '../table.ts'
import { startTargets, type Targets } from '../targets.ts'

const targets = 200
const perSecond = 400
const scrapeMs = 5000

/**
 * All three side by side, each with targets of its own, so that whatever else the machine does meets all alike;
 * together they leave most of it idle.
 */
export async function cpuRows(plan: Plan): Promise<Row[]> {
  const [ours, blackbox, bare] = await Promise.all([
    costs((port) => startFarmprobe({ port, targets, intervalMs: (targets / perSecond) * 1000 }), plan),
    blackboxCosts(plan),
    costs(startBare, plan),
  ])
  const overBlackbox = median(ours) / median(blackbox)
  const overBare = median(ours) / median(bare)
  return [
    { what: `CPU per probe, farmprobe (${targets} targets, ${perSecond}/s, scraped)`, measured: shown(ours) },
    { what: 'CPU per probe, blackbox_exporter at the same rate', measured: shown(blackbox) },
    { what: 'CPU per probe, bare node:net loop at the same rate', measured: shown(bare) },
    atMost("farmprobe's CPU per probe over blackbox_exporter's", overBlackbox, 0.25, ratio),
    atMost("farmprobe's CPU per probe over the bare loop's", overBare, 2, ratio),
  ]
}

/** None where the exporter is missing; in CI that is an error. */
async function blackboxCosts(plan: Plan): Promise<number[]> {
  if (!isBlackboxInstalled() && !process.env['CI']) return []
  return costs((port) => startBlackbox(port, targets, perSecond), plan)
}

/** Microseconds of processor time for each request that the targets answered, round by round. */
async function costs(startOn: (port: number) => Promise<Prober>, plan: Plan): Promise<number[]> {
  await using servers = await startTargets('fast')
  await using prober = await startOn(servers.port)
  using _scraping = prober.url === undefined ? undefined : keepScraping(prober.url, scrapeMs)
  await sleep(plan.warmUpMs)
  const found: number[] = []
  for (let round = 0; round < plan.rounds; round += 1) found.push(await cost(prober, servers, plan.windowMs))
  return found
}

async function cost({ pid }: Prober, servers: Targets, windowMs: number): Promise<number> {
  const [probesBefore, cpuBefore] = [await servers.count(), cpuMicroseconds(pid)]
  await sleep(windowMs)
  const [probesAfter, cpuAfter] = [await servers.count(), cpuMicroseconds(pid)]
  const probes = probesAfter - probesBefore
  const due = (perSecond * windowMs) / 1000
  if (Math.abs(probes - due) > due * 0.1) throw new Error(`made ${probes} probes where ${due} were due`)
  return (cpuAfter - cpuBefore) / probes
}

async function startBare(port: number): Promise<Prober> {
  const script = new URL('../peers/bare.ts', import.meta.url)
  const child = await startPeer(script, [port, targets, perSecond].map(String))
  return { pid: pidOf(child), [Symbol.asyncDispose]: () => stop(child) }
}

const ratio = (value: number) => (Number.isNaN(value) ? 'unknown' : value.toFixed(2))

function shown(rounds: readonly number[]): string {
  if (rounds.length === 0) return 'not installed'
  const [low, high] = spread(rounds).map(Math.round)
  return `${Math.round(median(rounds))} us (${low} to ${high})`
}
