/** A simulated farm as a whole: its nodes, its balancer, the network, and what happens to them. */
import type { Random } from '../../runtime/random.ts'
import { createBalancer, type SimulatedBalancer } from '../balancer/simulated_balancer.ts'
import { createNode, type SimulatedNode } from '../node/simulated_node.ts'
import { type Agenda, createAgenda, nextOccurrence } from './agenda.ts'
import type { FarmAction, Happening, Scenario, Which } from './blueprint.ts'
import { drawMs, fork } from './chance.ts'
import type { LogTruth, TruthEvent } from './true_events.ts'
import { createWeather, type Weather } from './weather.ts'

export interface SimulatedFarm {
  readonly scenario: Scenario
  readonly nodes: readonly SimulatedNode[]
  readonly balancer: SimulatedBalancer
  readonly agenda: Agenda
  readonly weather: Weather
  /** What really happened so far, about in the order of time. */
  readonly truth: readonly TruthEvent[]
  readonly log: LogTruth
}

/** A farm without troubles at `startMs`. The same scenario, chance and requests have the same results. */
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
    const onTrouble = (nowMs: number) => balancer.rotation.watch(node, nowMs)
    const around = { scenario, startMs, agenda, log, onTrouble, share: plan.weight / totalWeight }
    const node: SimulatedNode = createNode(plan, around, fork(random))
    return node
  })
  const balancer = createBalancer(scenario, nodes, startMs, agenda, log, fork(random))
  const weather = createWeather(log, fork(random))
  const farm: SimulatedFarm = { scenario, nodes, balancer, agenda, weather, truth, log }
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
  const happen = prepare(farm, happening, atMs, random)
  farm.agenda.at(atMs, (nowMs) => {
    happen(nowMs)
    schedule(farm, happening, nowMs, startMs, random)
  })
}

/** Draws how it will happen at `atMs`, because requests before that may already be affected; the result makes it happen. */
function prepare(farm: SimulatedFarm, happening: Happening, atMs: number, random: Random) {
  if ('nodes' in happening) {
    const { what } = happening
    const nodes = chosen(farm.nodes, happening.nodes, random)
    const forMs = what.kind === 'outage' ? drawMs(what.forMs, random) : 0
    for (const node of nodes) if (atMs !== Number.POSITIVE_INFINITY) node.expect(what, atMs)
    return (nowMs: number) => {
      for (const node of nodes) node.apply(what, nowMs, forMs)
    }
  }
  const { what } = happening
  const forMs = drawMs(what.forMs, random)
  if (what.kind === 'stall') farm.weather.expectStall(atMs, atMs + forMs)
  return (nowMs: number) => act(farm, what, nowMs, forMs, random)
}

function chosen(nodes: readonly SimulatedNode[], which: Which, random: Random): readonly SimulatedNode[] {
  if (which === 'all') return nodes
  if (which === 'any') return nodes.slice(Math.floor(random() * nodes.length)).slice(0, 1)
  return nodes.filter(({ name }) => which.includes(name))
}

function act(farm: SimulatedFarm, action: FarmAction, nowMs: number, forMs: number, random: Random): void {
  const toMs = nowMs + forMs
  switch (action.kind) {
    case 'deploy':
      return deploy(farm, action, nowMs, forMs)
    case 'weather':
      return farm.weather.worsen(nowMs, toMs, drawMs(action.add, random), action.loss)
    case 'stall':
      return farm.log({ kind: 'stall', atMs: nowMs, toMs })
    case 'balancer_recycle':
      return farm.balancer.breakDown(nowMs, toMs)
  }
}

function deploy(
  { nodes, agenda, log }: SimulatedFarm,
  { by, gapMs }: FarmAction & { kind: 'deploy' },
  atMs: number,
  forMs: number,
): void {
  const toMs = atMs + (nodes.length - 1) * gapMs
  log({ kind: 'deploy', atMs, toMs, nodes: nodes.map(({ name }) => name) })
  for (const [turn, node] of nodes.entries())
    agenda.at(atMs + turn * gapMs, (nowMs) => node.deploy(by, nowMs, forMs))
}
