/** The proof on real ASP.NET: farms of three nodes that restart on their own, behind three balancers, and farmprobe. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FarmEvent } from '../../../src/model/event.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { BalancerLine } from '../../../test/support/processes/balancer_files.ts'
import { type RunningFarmprobe, startFarmprobe } from '../live/farmprobe.ts'
import { isIn, type Window } from '../pairing.ts'
import { type Balancer, balancerPrograms, startBalancer } from './balancers.ts'
import { farmTruth, isError, type NodeLogs } from './farm_truth.ts'
import { type AspnetFarm, asConfigured, asScenario, farms, hostOf, nodePlans, startMs } from './farms.ts'
import { type Around, type AspnetNode, nodePrograms, startNode } from './node.ts'
import { type AspnetScore, scoreAspnet } from './score.ts'

/** How long it may take to start them all, on a slow machine. */
const startingMs = 240_000
/** Before that baselines are learned. */
const learnMs = 30_000
/** A slow answer is judged by what follows it: so long at least, and until the last error is explained, at most. */
const concludeMs = { least: 10_000, most: 45_000 }

export interface FarmResult {
  readonly farm: AspnetFarm
  readonly score: AspnetScore
}

export interface Watch {
  readonly results: readonly FarmResult[]
  readonly probes: number
  /** Probes whose times prove nothing, because the machine let farmprobe's own loop wait: many on a busy one. */
  readonly suspect: number
}

/** The programs that it needs. */
export const programs: readonly string[] = [...new Set([...nodePrograms, ...balancerPrograms])]

/**
 * Watches the farms and scores what happens in `forMs`, after a while in which baselines are learned. `say` takes lines
 * about how it goes. Rejects when aborted; nothing is left running or lying about either way.
 */
export async function watchAspnet(
  forMs: number,
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<Watch> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-aspnet-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  // Apache's children and mono run as somebody else where they were started by root.
  chmodSync(folder, 0o755)
  const { length: count } = nodePlans
  say(`starting ${farms.length} farms of ${count} ASP.NET nodes, each farm behind a balancer of its own`)
  const longestMs = startingMs + learnMs + forMs + concludeMs.most + 60_000
  const behind: Behind[] = []
  // One after the other: what each node has to compile at its start is a few seconds of a core.
  for (const farm of farms) {
    const around = { folder: join(folder, farm.name), startMs, longestMs }
    behind.push(await startFarm(farm, around, stack))
  }
  const configured = behind.map(({ farm, balancer, nodes }) => asConfigured(farm, balancer, nodes))
  const farmprobe = stack.use(await startFarmprobe(configured))
  const fromMs = systemClock.wallMs()
  const scored = { fromMs: fromMs + learnMs, toMs: fromMs + learnMs + forMs }
  await until(scored.toMs, (leftMs) => say(progress(behind, leftMs)), signal)
  const events = await conclusions(farmprobe, behind, scored, signal)
  const times = { startMs: fromMs, endMs: systemClock.wallMs(), scored }
  return {
    results: behind.map((each) => ({ farm: each.farm, score: scoreOf(each, events, times) })),
    probes: await farmprobe.total('farmprobe_probes_total'),
    suspect: await farmprobe.total('farmprobe_suspect_samples_total'),
  }
}

interface Behind {
  readonly farm: AspnetFarm
  readonly balancer: Balancer
  readonly nodes: readonly AspnetNode[]
}

/** Starts the nodes of a farm, warm, and then its balancer; `stack` will end them. */
async function startFarm(farm: AspnetFarm, around: Around, stack: AsyncDisposableStack): Promise<Behind> {
  mkdirSync(around.folder, { mode: 0o755 })
  const nodes: AspnetNode[] = []
  for (const plan of nodePlans) nodes.push(stack.use(await startNode(plan, around)))
  await Promise.all(nodes.map(warm))
  const addresses = nodes.map(({ address }) => address)
  const balancer = stack.use(await startBalancer(farm.product, addresses, around.folder))
  return { farm, balancer, nodes }
}

async function until(ms: number, each: (leftMs: number) => void, signal: AbortSignal): Promise<void> {
  for (let leftMs = ms - systemClock.wallMs(); leftMs > 0; leftMs = ms - systemClock.wallMs()) {
    each(leftMs)
    await sleep(Math.min(leftMs, 10_000), undefined, { signal })
  }
}

/** What has been told once every error in the balancers' logs is explained, or nothing more will come. */
async function conclusions(
  farmprobe: RunningFarmprobe,
  behind: readonly Behind[],
  scored: Window,
  signal: AbortSignal,
): Promise<FarmEvent[]> {
  await sleep(concludeMs.least, undefined, { signal })
  for (;;) {
    const events = await farmprobe.events()
    const told = new Set(events.flatMap((event) => (event.kind === 'balancer_error' ? [event.id] : [])))
    const lines = behind.flatMap(({ balancer }) => balancer.log())
    const isOpen = (line: BalancerLine) => isError(line) && isIn(scored, line.atMs) && !told.has(line.id)
    if (!lines.some(isOpen) || systemClock.wallMs() > scored.toMs + concludeMs.most) return events
    await sleep(1000, undefined, { signal })
  }
}

const logsOf = (node: AspnetNode): NodeLogs => ({
  name: node.name,
  address: node.address,
  notes: node.notes(),
  requests: node.requests(),
})

function scoreOf(
  { farm, balancer, nodes }: Behind,
  events: readonly FarmEvent[],
  times: { readonly startMs: number; readonly endMs: number; readonly scored: Window },
): AspnetScore {
  const { timeoutMs } = balancer
  const logs = nodes.map(logsOf)
  const { truth, witnessed, firsts } = farmTruth(hostOf(farm), logs, balancer.log(), timeoutMs)
  const own = events.filter((event) => event.farm === farm.name)
  const scenario = asScenario(farm, timeoutMs)
  return scoreAspnet({ scenario, ...times, events: own, truth, witnessed }, firsts)
}

/** The first start of all belongs to nobody: farmprobe comes to a farm that works. */
async function warm({ name, address }: AspnetNode): Promise<void> {
  const response = await fetch(`http://${address}/`)
  const text = await response.text()
  if (!response.ok || !text.includes('Welcome'))
    throw new Error(`${name} answered ${response.status}:\n${text}`)
}

function progress(behind: readonly Behind[], leftMs: number): string {
  const starts = behind.map(({ farm, nodes }) => {
    const counts = nodes.map((node) => node.notes().filter(({ what }) => what === 'start').length - 1)
    return `${farm.name} ${counts.join('+')}`
  })
  return `${Math.ceil(leftMs / 1000)} s left; restarts so far: ${starts.join(', ')}`
}
