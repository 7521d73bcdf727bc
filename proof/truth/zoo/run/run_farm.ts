/** Runs one farm of the zoo: its nodes, what is in front and beside, farmprobe watching it; and gathers what all wrote down. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FarmEvent } from '../../../../src/model/event.ts'
import { type Random, seededRandom } from '../../../../src/runtime/random.ts'
import type { Window } from '../../pairing.ts'
import { type BalancerLine, startBalancer } from '../balancers/balancer.ts'
import { asConfigured, slowCheckEvery } from '../farm_config.ts'
import type { Deed, Kind, NodeServer, NodeSetting, ServerLogs } from '../kind.ts'
import type { Heard } from '../peers/prober_peer.ts'
import type { UserLine, UsersAsked } from '../peers/users_peer.ts'
import type { WeatherAsked } from '../peers/weather_peer.ts'
import { type FarmAddresses, takeAddresses } from './addresses.ts'
import { linesOf } from './lines.ts'
import { putThrough } from './ordeal.ts'
import { startProber } from './prober.ts'
import { type Programs, startPrograms } from './processes.ts'

/** One farm that is to be run. */
export interface FarmPlan {
  readonly kind: Kind
  readonly intervalMs: number
  /** Whether the application shows which worker answered. */
  readonly identity: boolean
  readonly seed: number
  /** How long it is scored. */
  readonly forMs: number
}

/** A node with everything that was written down about it. */
export interface NodeLogs extends ServerLogs {
  readonly name: string
  /** `ip:port` */
  readonly address: string
  /** The application's own log, a line each. */
  readonly lines: readonly string[]
}

/** Everything that was written down about a farm. */
export interface FarmLogs {
  /** farmprobe's, as a user would write it. */
  readonly config: object
  readonly startMs: number
  readonly endMs: number
  /** The time that is scored. */
  readonly scored: Window
  readonly nodes: readonly NodeLogs[]
  readonly balancer: readonly BalancerLine[]
  readonly users: readonly UserLine[]
  readonly deeds: readonly { readonly atMs: number; readonly node: string; readonly deed: string }[]
  readonly weather: readonly Window[]
  /** When farmprobe's process was stopped or starved. */
  readonly ordeals: readonly Window[]
  readonly outcomes: Heard['outcomes']
  readonly events: readonly FarmEvent[]
  readonly cpuSeconds: number
}

/** Before that, baselines are learned. */
const learnMs = 30_000
/** What was seen last is judged by what follows it. */
const concludeMs = 15_000
const startingMs = 120_000
const nodeCount = 3

/** Rejects when aborted; nothing is left running or lying about either way. */
export async function runFarm(plan: FarmPlan, signal: AbortSignal): Promise<FarmLogs> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-zoo-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  // Where root started it, servers run as somebody else.
  chmodSync(folder, 0o755)
  const programs = stack.use(startPrograms())
  const place: Place = {
    plan,
    folder,
    programs,
    addresses: await takeAddresses(),
    random: seededRandom(plan.seed),
    longestMs: startingMs + learnMs + plan.forMs + concludeMs,
  }
  return await watch(place, AbortSignal.any([signal, AbortSignal.timeout(place.longestMs)]))
}

interface Place {
  readonly plan: FarmPlan
  readonly folder: string
  readonly programs: Programs
  readonly addresses: FarmAddresses
  readonly random: Random
  /** Whatever happens: no process that looks at the clock lives longer. */
  readonly longestMs: number
}

async function watch(place: Place, signal: AbortSignal): Promise<FarmLogs> {
  const { plan, folder, programs, addresses, random } = place
  const { kind, forMs } = plan
  const nodes = await startNodes(place, signal)
  const balancer = await startBalancer(kind.balancer, nodes, addresses, folder, programs)
  await startPeer(place, 'users', {
    host: addresses.balancer,
    port: addresses.port,
    plan: kind.users,
    seed: draw(random),
    log: join(folder, 'users'),
    forMs: place.longestMs,
  } satisfies UsersAsked)
  if (kind.weather !== undefined) await startWeather(place, nodes)
  const config = asConfigured(plan, addresses, nodes)
  const startMs = Date.now()
  const prober = await startProber(config, folder, programs)
  const scored = { fromMs: Date.now() + learnMs, toMs: Date.now() + learnMs + forMs }
  const ending = new AbortController()
  const over = AbortSignal.any([signal, ending.signal])
  const ordeals: Window[] = []
  const ordeal =
    kind.prober === undefined
      ? undefined
      : putThrough({ plan: kind.prober, prober, programs, random, folder }, (w) => ordeals.push(w), over)
  const deeds = doDeeds(plan, nodes, scored.fromMs, random, over)
  await sleep(scored.toMs - Date.now(), undefined, { signal })
  ending.abort()
  await ordeal
  const done = await deeds
  await sleep(concludeMs, undefined, { signal })
  return {
    config,
    startMs,
    endMs: Date.now(),
    scored,
    nodes: nodes.map(({ name, address, server, log }) => ({
      ...server.logs?.(),
      name,
      address,
      lines: linesOf(log),
    })),
    balancer: balancer.log(),
    users: linesOf(join(folder, 'users')).map((line) => JSON.parse(line) as UserLine),
    deeds: done,
    weather: linesOf(join(folder, 'weather')).map((line) => JSON.parse(line) as Window),
    ordeals,
    outcomes: prober.outcomes,
    events: prober.events,
    cpuSeconds: programs.cpuSeconds(),
  }
}

export interface StartedNode {
  readonly name: string
  readonly address: string
  readonly server: NodeServer
  readonly log: string
}

async function startNodes(place: Place, signal: AbortSignal): Promise<StartedNode[]> {
  const { plan, addresses } = place
  const started: StartedNode[] = []
  for (let index = 0; index < (plan.kind.nodes ?? nodeCount); index++) {
    const setting = settingOf(place, index)
    mkdirSync(setting.dir, { mode: 0o755 })
    chmodSync(setting.dir, 0o777)
    const server = await plan.kind.startNode(setting)
    const address = `${addresses.node(index)}:${addresses.port}`
    started.push({ name: setting.name, address, server, log: logIn(setting.dir) })
  }
  // The first start of all belongs to nobody: farmprobe comes to a farm that works.
  await Promise.all(started.map((node) => warm(node, signal)))
  return started
}

const logIn = (dir: string): string => join(dir, 'application.log')

function settingOf({ plan, folder, addresses, programs, random }: Place, index: number): NodeSetting {
  const { kind, intervalMs, identity } = plan
  const name = `web0${index + 1}`
  const dir = join(folder, name)
  const count = kind.nodes ?? nodeCount
  const probes = (1 + 1 / count) * (1 + 1 / slowCheckEvery) * (1000 / intervalMs)
  const perSecond = probes + kind.users.perSecond / count + (kind.balancer.health === true ? 1 : 0)
  return {
    name,
    index,
    host: addresses.node(index),
    port: addresses.port,
    dir,
    env: {
      ZOO_NODE: name,
      ZOO_LOG: logIn(dir),
      ZOO_COLD_MS: String(kind.coldMs),
      ZOO_SLOW_MS: String(kind.slowMs),
      ZOO_SHOWN: identity ? '1' : '0',
    },
    random: seededRandom(draw(random)),
    requestsIn: (seconds) => Math.max(2, Math.round(perSecond * seconds)),
    start: (program) => programs.start(program),
  }
}

async function warm({ name, address }: StartedNode, signal: AbortSignal): Promise<void> {
  const until = performance.now() + startingMs / 2
  for (;;) {
    const text = await fetch(`http://${address}/`, { signal })
      .then((response) => response.text())
      .catch(String)
    if (text.includes('Welcome')) return
    if (performance.now() > until) throw new Error(`${name} does not answer as it should: ${text}`)
    await sleep(200, undefined, { signal })
  }
}

async function startWeather(place: Place, nodes: readonly StartedNode[]): Promise<void> {
  const { plan, folder, addresses, random } = place
  if (plan.kind.weather === undefined) return
  const hosts = [addresses.balancer, ...nodes.map((_, index) => addresses.node(index))]
  await startPeer(place, 'weather', {
    routes: hosts.map((to) => ({ host: addresses.through(to), to })),
    port: addresses.port,
    plan: plan.kind.weather,
    seed: draw(random),
    log: join(folder, 'weather'),
    forMs: place.longestMs,
  } satisfies WeatherAsked)
}

async function startPeer({ programs, folder }: Place, name: 'users' | 'weather', asked: object) {
  const script = fileURLToPath(new URL(`../peers/${name}_peer.ts`, import.meta.url))
  await programs.start({
    command: process.execPath,
    args: [script, JSON.stringify(asked)],
    output: join(folder, `${name}.output`),
    channel: true,
  })
}

async function doDeeds(
  { kind, forMs }: FarmPlan,
  nodes: readonly StartedNode[],
  fromMs: number,
  random: Random,
  signal: AbortSignal,
) {
  const timetable = { random, nodes: nodes.map(({ name }) => name), forS: forMs / 1000 }
  const planned = [...(kind.deeds?.(timetable) ?? [])].sort((a, b) => a.atS - b.atS)
  const done: FarmLogs['deeds'][number][] = []
  const perform = async ({ node, deed }: Deed) => {
    const action = nodes.find(({ name }) => name === node)?.server.deeds?.[deed]
    if (action === undefined) throw new Error(`${kind.name} has no ${node} that knows how to ${deed}`)
    done.push({ atMs: Date.now(), node, deed })
    await action()
  }
  const performing: Promise<void>[] = []
  for (const each of planned) {
    const waitMs = fromMs + each.atS * 1000 - Date.now()
    const aborted = await sleep(Math.max(0, waitMs), false, { signal }).catch(() => true)
    if (aborted) break
    performing.push(perform(each))
  }
  await Promise.all(performing)
  return done
}

const draw = (random: Random): number => Math.floor(random() * 2 ** 32)
