/** A simulated farm in which nothing is left to chance, so that tests can name every millisecond. */
import { request } from '../../../proof/truth/simulated/virtual_request.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import type { Answer, Failed, Served } from '../../../src/simulator/answer/simulated_answer.ts'
import type { LatencyPlan, PoolPlan, Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { app, latency, nodes, pool, scenario } from '../../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../../src/simulator/farm/chance.ts'
import { createSimulatedFarm } from '../../../src/simulator/farm/simulated_farm.ts'
import type { Sender, TruthEvent } from '../../../src/simulator/farm/true_events.ts'

/** The Monday midnight at which still farms begin. */
export const stillStartMs = Date.UTC(2026, 0, 5)

/** 20 ms for every page, always. */
export const stillLatency = (different: Partial<LatencyPlan> = {}): LatencyPlan =>
  latency({
    body: fixed(20),
    tail: { share: 0, times: 1, alpha: 2 },
    load: 0,
    transferMs: 1,
    ...different,
  })

/** Start 600 ms, first request 6000 ms, first of a further path 500 ms, stop 1500 ms. */
export const stillPool = (different: Partial<PoolPlan> = {}): PoolPlan =>
  pool({
    spawnMs: fixed(600),
    coldMs: fixed(6000),
    coldPathMs: fixed(500),
    stopMs: fixed(1500),
    scatterMs: 0,
    ...different,
  })

/** One node unless reported otherwise, no users, no network. */
export function stillScenario(poolPlan: Partial<PoolPlan> = {}, different: Partial<Scenario> = {}): Scenario {
  return scenario('still', 'nothing is left to chance', {
    startMs: stillStartMs,
    nodes: nodes(1, app({ pool: stillPool(poolPlan), latency: stillLatency() })),
    users: { perSecond: 0, night: 0 },
    networkMs: 0,
    ...different,
  })
}

/** Still nodes with their pools. */
export const stillNodes = (count: number, poolPlan: Partial<PoolPlan> = {}) =>
  nodes(count, app({ pool: stillPool(poolPlan), latency: stillLatency() }))

/** A still farm that is asked by offsets from its start. */
export interface Asked {
  /** Milliseconds to the first byte of a page, which is expected. */
  firstByteMs(atMs: number, target?: string, path?: string): number
  /** The page, which is expected. */
  served(atMs: number, target?: string, path?: string): Served
  /** The failure, which is expected. */
  failed(atMs: number, target?: string): Failed
  answer(atMs: number, target?: string, path?: string, from?: Sender): Answer
  advance(atMs: number): void
  /** Everything of a kind that happened, at offsets from the start. */
  happened<K extends TruthEvent['kind']>(kind: K): Extract<TruthEvent, { kind: K }>[]
}

export function askStill(plan: Scenario, seed = 1): Asked {
  const farm = createSimulatedFarm(plan, seededRandom(seed), stillStartMs)
  const answer: Asked['answer'] = (atMs, target = 'web01', path = '/', from = 'probe') =>
    request(farm, stillStartMs + atMs, { target, path, from })
  const served: Asked['served'] = (...ask) => {
    const found = answer(...ask)
    if (found.kind !== 'served') throw new Error(`no page but ${found.how}`)
    return found
  }
  return {
    answer,
    served,
    firstByteMs: (...ask) => served(...ask).firstByteMs,
    failed(...ask) {
      const found = answer(...ask)
      if (found.kind !== 'failed') throw new Error(`no failure but ${found.page.status}`)
      return found
    },
    advance: (atMs) => farm.agenda.advance(stillStartMs + atMs),
    happened: <K extends TruthEvent['kind']>(kind: K) =>
      farm.truth
        .filter((event): event is Extract<TruthEvent, { kind: K }> => event.kind === kind)
        .map((event) => ({ ...event, atMs: Math.round(event.atMs - stillStartMs) })),
  }
}

/** When something happens, by offsets from the start. */
export const at = (...offsetsMs: number[]) => ({ kind: 'at', offsetsMs }) as const
