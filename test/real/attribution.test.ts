import { expect, test } from 'vitest'
import type { BalancerError } from '../../src/model/event.ts'
import type { Cause } from '../../src/model/incident.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import type { Happening, Scenario } from '../../src/simulator/farm/blueprint.ts'
import { app, latency, nodes, pool, scenario } from '../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../src/simulator/farm/chance.ts'
import type { TruthEvent } from '../../src/simulator/farm/true_events.ts'
import { type SocketFarm, startSocketFarm } from '../../src/simulator/sockets/socket_farm.ts'
import { eventually } from '../support/eventually.ts'
import type { BalancerLine } from '../support/processes/balancer_files.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { type RealBalancer, startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig } from '../support/processes/real_farm.ts'
import { total } from '../support/rules/exposition.ts'

/** Cold starts of each farm, one after the other; the long form is for whoever wants a smoother share. */
const rounds = process.env.FARMPROBE_LONG ? 60 : 3
const roundMs = 8000
const firstMs = 5000
const coldMs = 4500
const nginxTimeoutMs = 1000
const farms = [1, 2, 3, 4, 5]

const at = (offsetMs: number) => ({ kind: 'at' as const, offsetsMs: [offsetMs] })

/**
 * One node after the other recycles cold; between two cold starts another is down for a moment, one whose own recycle
 * is neither just over nor about to come.
 */
function troubles(seed: number): Scenario {
  const cold = pool({ spawnMs: about(300, 0.1), coldMs: about(coldMs, 0.1) })
  const inTurn = (turn: number) => [`web0${((seed + turn) % 4) + 1}`]
  const happenings = Array.from({ length: rounds }, (_, round): Happening[] => {
    const offsetMs = firstMs + round * roundMs
    const outage = { kind: 'outage', how: 'refused', forMs: about(800, 0.1), restarts: false } as const
    return [
      { when: at(offsetMs), nodes: inTurn(round), what: { kind: 'recycle', cause: 'demand' } },
      { when: at(offsetMs + coldMs + 1500), nodes: inTurn(round + 2), what: outage },
    ]
  })
  return scenario(`live ${seed}`, 'Cold starts longer than nginx waits, and short outages.', {
    nodes: nodes(4, app({ pool: cold, latency: latency({ body: about(12) }) })),
    users: { perSecond: 0, night: 0 },
    identity: seed % 2 === 0,
    happenings: happenings.flat(),
  })
}

suiteWith('nginx')('nginx over four simulated nodes that recycle cold', () => {
  test('farmprobe names node and cause of at least 95 of 100 of its errors', {
    timeout: firstMs + rounds * roundMs + 60_000,
  }, async () => {
    const explained = (await Promise.all(farms.map(oneFarm))).flat()
    const wrong = explained.filter(({ right }) => !right)
    const figures = `errors of nginx: ${explained.length}, not rightly explained: ${wrong.length}`
    console.log(figures)
    expect(explained.length).toBeGreaterThanOrEqual(100)
    // The first of them, so that whoever sees it fail knows where to look.
    expect(wrong.length > explained.length / 20 ? [figures, ...wrong.slice(0, 20)] : []).toEqual([])
  })
})

interface Explained {
  /** The node that nginx asked. */
  readonly asked: string | undefined
  readonly line: BalancerLine
  /** What farmprobe said of it. */
  readonly told: BalancerError | undefined
  readonly right: boolean
}

/** Every 502 and 504 of the log of one nginx, with what farmprobe said of it. */
async function oneFarm(seed: number): Promise<Explained[]> {
  const random = seededRandom(seed)
  const simulated = await startSocketFarm({ scenario: troubles(seed), clock: systemClock, random })
  try {
    return await explainedBy(simulated)
  } finally {
    await simulated.stop()
  }
}

async function explainedBy(simulated: SocketFarm): Promise<Explained[]> {
  const named = simulated.farm.nodes.map(({ name, host, port }) => ({ name, address: `${host}:${port}` }))
  await using nginx = await startNginx({
    nodes: named.map(({ address }) => address),
    timeoutMs: nginxTimeoutMs,
  })
  const check = { interval: '200ms', timeout: '8s', overlap: 24, burst: { interval: '100ms', for: '10s' } }
  await using farmprobe = await startFarmprobe(shopConfig({ balancer: nginx.address, nodes: named, check }))
  await lastTrouble(simulated)
  const { errors, told } = await allExplained(nginx, farmprobe)
  const counted = total(await farmprobe.metrics(), 'farmprobe_balancer_errors_attributed_total')
  expect(counted).toBe(errors.length)
  const names = new Map(named.map(({ address, name }) => [address, name]))
  return errors.map((line) => {
    const asked = names.get(line.node)
    const said = told.get(line.id)
    const right = said !== undefined && isRight(said, asked, simulated.truth)
    return { asked, line, told: said, right }
  })
}

/** Waits until the last outage, which comes after the last cold start, has been over for a moment. */
async function lastTrouble({ truth }: SocketFarm): Promise<void> {
  const outages = () => truth.filter((event) => event.kind === 'outage')
  const isOver = (all: ReturnType<typeof outages>) =>
    all.length === rounds && all.every(({ toMs }) => systemClock.wallMs() > toMs + 1000)
  await eventually('the last outage to end', outages, isOver, firstMs + rounds * roundMs + 10_000)
}

/** An explained error as the API tells it; `probe` is the id of the probe that met it. */
type ToldError = BalancerError & { readonly probe: string }

/** Waits until every gateway error in nginx's log has been explained, as far as it can be. */
async function allExplained(nginx: RealBalancer, farmprobe: Farmprobe) {
  return eventually(
    'every error being explained',
    async () => {
      const errors = (await nginx.log()).filter(({ status }) => status === 502 || status === 504)
      const { text } = await farmprobe.get('/api/v1/events?kind=balancer_error&limit=5000')
      const { events } = JSON.parse(text) as { events: ToldError[] }
      const told = new Map(events.map((event) => [event.probe, event]))
      return { errors, told }
    },
    ({ errors, told }) => errors.every(({ id }: BalancerLine) => told.has(id)),
    40_000,
  )
}

/** The node is the one that nginx asked, and the cause what had become of it. */
function isRight(
  { atMs, node, cause }: BalancerError,
  asked: string | undefined,
  truth: readonly TruthEvent[],
) {
  const wasSo = (fromMs: number, toMs: number) =>
    fromMs <= atMs + nginxTimeoutMs && atMs <= toMs + nginxTimeoutMs
  const became = truth.flatMap((event): Cause[] => {
    if (event.kind === 'recycle' && event.node === asked && wasSo(event.atMs, event.servesMs + event.coldMs))
      return ['recycle', 'cold_start']
    const isDown = event.kind === 'outage' && event.target === asked && wasSo(event.atMs, event.toMs)
    return isDown ? ['node_down'] : []
  })
  return node === asked && became.includes(cause)
}
