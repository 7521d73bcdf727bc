/** Runs one farm of the zoo: nodes, balancer, users, farmprobe and every disturbance; collects what all of them logged. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FarmEvent } from '../../../../src/model/event.ts'
import { seededRandom } from '../../../../src/runtime/random.ts'
import type { Window } from '../../scores/windows.ts'
import { type BalancerLine, type RunningBalancer, startBalancer } from '../balancers/balancer.ts'
import { asConfigured } from '../farm_config.ts'
import type { ServerLogs } from '../kind.ts'
import type { ProberBatch } from '../peers/prober_peer.ts'
import type { UserLine, UsersOptions } from '../peers/users_peer.ts'
import type { WeatherLine, WeatherOptions } from '../peers/weather_peer.ts'
import { takeAddresses } from './addresses.ts'
import { disturbProber } from './disturb_prober.ts'
import { draw, type FarmPlan, type FarmRun, type StartedNode } from './farm.ts'
import { linesOf } from './lines.ts'
import { type RunningProber, startProber } from './prober.ts'
import { startPrograms } from './processes.ts'
import { startNodes } from './start_nodes.ts'
import { type TakenAction, takeActions } from './take_actions.ts'

/** A node with everything it logged. */
export interface NodeLogs extends ServerLogs {
  readonly name: string
  /** `ip:port` */
  readonly address: string
  /** The lines of the application's own log. */
  readonly lines: readonly string[]
}

/** Everything that was logged of a farm. */
export interface FarmLogs {
  /** farmprobe's configuration, as a user would write it. */
  readonly config: object
  readonly startMs: number
  readonly endMs: number
  /** The time that is scored. */
  readonly scored: Window
  readonly nodes: readonly NodeLogs[]
  readonly balancer: readonly BalancerLine[]
  readonly users: readonly UserLine[]
  readonly actions: readonly TakenAction[]
  readonly weather: readonly WeatherLine[]
  /** Times at which farmprobe's process was stopped or starved. */
  readonly disturbances: readonly Window[]
  readonly outcomes: ProberBatch['outcomes']
  readonly events: readonly FarmEvent[]
  readonly cpuSeconds: number
}

/** Baselines are learned in this time. */
const learnMs = 30_000
/** A balancer error is attributed up to a time-out (30 s) and 10 s later. */
const concludeMs = 45_000
const startingMs = 120_000

/** Rejects when aborted or when a program fails. Ends all programs and removes all files in every case. */
export async function runFarm(plan: FarmPlan, signal: AbortSignal): Promise<FarmLogs> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-zoo-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  // Servers started by root run as another user.
  chmodSync(folder, 0o755)
  const programs = stack.use(startPrograms())
  const addresses = await takeAddresses()
  const longestMs = startingMs + learnMs + plan.forMs + concludeMs
  const farm: FarmRun = { plan, folder, programs, addresses, longestMs, random: seededRandom(plan.seed) }
  return await watch(farm, AbortSignal.any([signal, AbortSignal.timeout(longestMs)]))
}

async function watch(farm: FarmRun, signal: AbortSignal): Promise<FarmLogs> {
  const { plan, folder, programs, addresses } = farm
  const nodes = await startNodes(farm, signal)
  const balancer = await startBalancer(plan.kind.balancer, nodes, addresses, folder, programs)
  await startUsers(farm)
  await startWeather(farm, nodes)
  const config = asConfigured(plan, addresses, nodes)
  const startMs = Date.now()
  const prober = await startProber(config, folder, programs)
  const fromMs = Date.now() + learnMs
  const scored = { fromMs, toMs: fromMs + plan.forMs }
  const happened = await restartAndDisturb(farm, nodes, prober, scored, signal)
  await sleep(concludeMs, undefined, { signal })
  programs.assertRunning()
  return { config, startMs, endMs: Date.now(), scored, ...happened, ...logsOf(farm, nodes, balancer, prober) }
}

/** Takes actions and disturbs the prober until the end of the scored time. */
async function restartAndDisturb(
  { plan, folder, programs, random }: FarmRun,
  nodes: readonly StartedNode[],
  prober: RunningProber,
  scored: Window,
  signal: AbortSignal,
): Promise<Pick<FarmLogs, 'actions' | 'disturbances'>> {
  const ending = new AbortController()
  const untilEnd = AbortSignal.any([signal, ending.signal])
  const { disturbance } = plan.kind
  const end = sleep(scored.toMs - Date.now(), undefined, { signal: untilEnd })
  try {
    const [, actions, disturbances] = await Promise.all([
      end.then(() => ending.abort()),
      takeActions(plan, nodes, scored.fromMs, random, untilEnd),
      disturbance === undefined
        ? []
        : disturbProber({ plan: disturbance, prober, programs, random, folder }, untilEnd),
    ])
    return { actions, disturbances }
  } finally {
    ending.abort()
  }
}

function logsOf(
  { folder, programs }: FarmRun,
  nodes: readonly StartedNode[],
  balancer: RunningBalancer,
  { outcomes, events }: RunningProber,
): Pick<FarmLogs, 'nodes' | 'balancer' | 'users' | 'weather' | 'outcomes' | 'events' | 'cpuSeconds'> {
  const jsonLines = <Line>(file: string) =>
    linesOf(join(folder, file)).map((line) => JSON.parse(line) as Line)
  return {
    nodes: nodes.map(({ name, address, server, log }) => ({
      ...server.logs?.(),
      name,
      address,
      lines: linesOf(log),
    })),
    balancer: balancer.log(),
    users: jsonLines<UserLine>('users'),
    weather: jsonLines<WeatherLine>('weather'),
    outcomes,
    events,
    cpuSeconds: programs.cpuSeconds(),
  }
}

const startUsers = (farm: FarmRun): Promise<void> =>
  startPeer(farm, 'users', {
    host: farm.addresses.balancer,
    port: farm.addresses.port,
    plan: farm.plan.kind.users,
    seed: draw(farm.random),
    log: join(farm.folder, 'users'),
    forMs: farm.longestMs,
  } satisfies UsersOptions)

async function startWeather(farm: FarmRun, nodes: readonly StartedNode[]): Promise<void> {
  const { plan, folder, addresses, random, longestMs } = farm
  if (plan.kind.weather === undefined) return
  const hosts = [addresses.balancer, ...nodes.map((_, index) => addresses.node(index))]
  await startPeer(farm, 'weather', {
    routes: hosts.map((to) => ({ host: addresses.through(to), to })),
    port: addresses.port,
    plan: plan.kind.weather,
    seed: draw(random),
    log: join(folder, 'weather'),
    forMs: longestMs,
  } satisfies WeatherOptions)
}

async function startPeer({ programs, folder }: FarmRun, name: 'users' | 'weather', options: object) {
  const script = fileURLToPath(new URL(`../peers/${name}_peer.ts`, import.meta.url))
  await programs.start({
    command: process.execPath,
    args: [script, JSON.stringify(options)],
    output: join(folder, `${name}.output`),
    channel: true,
  })
}
