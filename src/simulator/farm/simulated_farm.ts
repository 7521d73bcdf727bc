import { balancerName } from '../../model/farm.ts'
import type { Random } from '../../runtime/random.ts'
import type { Answer } from '../answer/simulated_answer.ts'
import { createBalancer, type SimulatedBalancer } from '../balancer/simulated_balancer.ts'
import { createNode, type SimulatedNode } from '../node/simulated_node.ts'
import type { FarmDeed, Happening, NodeDeed, Scenario, Whom } from './blueprint.ts'
import { drawMs, fork } from './chance.ts'
import { type Agenda, createAgenda } from './happenings.ts'
import { nextOccurrence } from './occurrence.ts'
import type { LogTruth, Sender, TruthEvent } from './true_events.ts'
import { createWeather, type Weather } from './weather.ts'

/** One request to a simulated farm. */
interface Ask {
  /** `balancer`, or the name of a node. */
  readonly target: string
  readonly path: string
  readonly from: Sender
}

/**
 * A farm that is not there. It is asked with times that never go back; what happens between two requests is worked out
 * when somebody asks.
 */
export interface SimulatedFarm {
  readonly scenario: Scenario
  readonly nodes: readonly SimulatedNode[]
  readonly balancer: SimulatedBalancer
  readonly agenda: Agenda
  readonly weather: Weather
  /** What really happened so far, about in the order of time. */
  readonly truth: readonly TruthEvent[]
  readonly log: LogTruth
  /** What one request that is sent at `nowMs` meets. An unknown target is an error of the caller's. */
  request(nowMs: number, ask: Ask): Answer
}

/** A farm in good order at `startMs`. The same scenario, chance and requests bring about the same. */
export function createSimulatedFarm(
  scenario: Scenario,
  random: Random,
  startMs: number,
  onTruth: LogTruth = () => {},
): SimulatedFarm {
  const agenda = createAgenda()
  const truth: TruthEvent[] = []
  const log: LogTruth = (event) => {
    truth.push(event)
    onTruth(event)
  }
  const totalWeight = scenario.nodes.reduce((sum, { weight }) => sum + weight, 0)
  const nodes: SimulatedNode[] = scenario.nodes.map((plan) => {
    const share =
      scenario.balancer.algorithm === 'weighted' ? plan.weight / totalWeight : 1 / scenario.nodes.length
    const onTrouble = (nowMs: number) => balancer.rotation.watch(node, nowMs)
    const node: SimulatedNode = createNode(
      plan,
      { scenario, startMs, agenda, log, onTrouble, share },
      fork(random),
    )
    return node
  })
  const balancer = createBalancer(scenario, nodes, startMs, agenda, log, fork(random))
  const weather = createWeather(log, fork(random))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const farm: SimulatedFarm = {
    scenario,
    nodes,
    balancer,
    agenda,
    weather,
    truth,
    log,
    request(nowMs, { target, path, from }) {
      if (agenda.nextMs <= nowMs) agenda.advance(nowMs)
      const asked = target === balancerName ? balancer : byName.get(target)
      if (asked === undefined) throw new Error(`No target ${target} in the simulated farm ${scenario.name}`)
      return weather.slow(asked.request(nowMs, path, from), nowMs, scenario.networkMs)
    },
  }
  for (const happening of scenario.happenings) schedule(farm, happening, startMs, startMs, fork(random))
  return farm
}

function schedule(
  farm: SimulatedFarm,
  happening: Happening,
  afterMs: number,
  startMs: number,
  random: Random,
): void {
  const atMs = nextOccurrence(happening.when, afterMs, startMs, random)
  if ('nodes' in happening) {
    const { what } = happening
    const nodes = chosen(farm.nodes, happening.nodes, random)
    const forMs = what.kind === 'outage' ? drawMs(what.forMs, random) : 0
    for (const node of nodes) if (atMs !== Number.POSITIVE_INFINITY) node.expect(what, atMs)
    farm.agenda.at(atMs, (nowMs) => {
      for (const node of nodes) sufferIn(node, what, nowMs, forMs)
      schedule(farm, happening, nowMs, startMs, random)
    })
    return
  }
  const forMs = drawMs(happening.what.forMs, random)
  if (happening.what.kind === 'stall') farm.weather.expectStall(atMs, atMs + forMs)
  farm.agenda.at(atMs, (nowMs) => {
    doTo(farm, happening.what, nowMs, forMs, random)
    schedule(farm, happening, nowMs, startMs, random)
  })
}

const sufferIn = (node: SimulatedNode, deed: NodeDeed, nowMs: number, forMs: number): void =>
  node.suffer(deed, nowMs, forMs)

function chosen(nodes: readonly SimulatedNode[], whom: Whom, random: Random): readonly SimulatedNode[] {
  if (whom === 'all') return nodes
  if (whom === 'any') return nodes.slice(Math.floor(random() * nodes.length)).slice(0, 1)
  return nodes.filter(({ name }) => whom.includes(name))
}

function doTo(farm: SimulatedFarm, deed: FarmDeed, nowMs: number, forMs: number, random: Random): void {
  switch (deed.kind) {
    case 'deploy':
      return deploy(farm, deed, nowMs, forMs)
    case 'weather':
      return farm.weather.worsen(nowMs, nowMs + forMs, drawMs(deed.add, random), deed.loss)
    case 'stall':
      return farm.log({ kind: 'stall', atMs: nowMs, toMs: nowMs + forMs })
    case 'balancer_recycle':
      return farm.balancer.breakDown(nowMs, nowMs + forMs)
  }
}

/** One node after the other. */
function deploy(
  farm: SimulatedFarm,
  deed: FarmDeed & { kind: 'deploy' },
  nowMs: number,
  forMs: number,
): void {
  const names = farm.nodes.map(({ name }) => name)
  const toMs = nowMs + (names.length - 1) * deed.gapMs
  farm.log({ kind: 'deploy', atMs: nowMs, toMs, nodes: names })
  for (const [turn, node] of farm.nodes.entries())
    farm.agenda.at(nowMs + turn * deed.gapMs, (atMs) => node.deploy(deed.by, atMs, forMs))
}
