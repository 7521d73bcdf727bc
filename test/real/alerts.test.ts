/**
 * The whole chain, as shipped: simulated farms on sockets, farmprobe as users start it, a real Prometheus with our
 * scrape file and rules, a real Alertmanager with our routes, and a webhook at the end.
 */
import { expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { secondMs } from '../../src/runtime/duration.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import type { Happening, Scenario } from '../../src/simulator/farm/blueprint.ts'
import { app, nodes, pool, scenario } from '../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../src/simulator/farm/chance.ts'
import { type SocketFarm, startSocketFarm } from '../../src/simulator/sockets/socket_farm.ts'
import { eventually } from '../support/eventually.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import {
  found,
  startShippedAlertmanager,
  startShippedPrometheus,
} from '../support/processes/shipped_stack.ts'
import { startWebhook } from '../support/servers/alert_webhook.ts'
import type { ScriptedNode } from '../support/servers/scripted_node.ts'

const spikeAtMs = 30 * secondMs
const promisedMs = 45 * secondMs

/** One of two nodes refuses, and the balancer asks each in turn: half of its answers are 502. */
const spike: Happening = {
  when: { kind: 'at', offsetsMs: [spikeAtMs] },
  nodes: ['web02'],
  what: { kind: 'outage', how: 'refused', forMs: fixed(300 * secondMs), restarts: false },
}

const recycle: Happening = {
  when: { kind: 'at', offsetsMs: [10 * secondMs] },
  nodes: ['web01'],
  what: { kind: 'recycle', cause: 'demand' },
}

const preloaded = app({ pool: pool({ preload: true, coldMs: fixed(2000) }) })

const quietUsers = { perSecond: 0.01, night: 1 }
const farmNamed = (name: string, different: Partial<Scenario>) =>
  scenario(name, name, { nodes: nodes(2), users: quietUsers, ...different })

/** A farm as the configuration file describes it. */
const described = ({ farm }: SocketFarm, further: object = {}) => ({
  name: farm.name,
  url: `http://${farm.site.hostname}:${farm.site.port}/`,
  address: `${farm.balancer.host}:${farm.balancer.port}`,
  nodes: farm.nodes.map(({ name, host, port }) => ({ name, address: `${host}:${port}` })),
  identity: { header: 'X-Worker' },
  served_by: { header: 'X-Node' },
  checks: [{ name: 'home', path: '/', interval: '5s', timeout: '10s' }],
  ...further,
})

suiteWith('prometheus', 'prometheus-alertmanager')('from farm to webhook', () => {
  test('a spike pages within 45 s; one 502, a hidden recycle and maintenance do not', {
    timeout: 120_000,
  }, async () => {
    await using stack = new AsyncDisposableStack()
    const farms = await startFarms(stack)
    const single = stack.use(await startScriptedNodes('balancer', 'web01', 'web02'))
    const farmprobe = stack.use(
      await startFarmprobe({ farms: [...farms.configs, ...singleFarm(single.all)] }),
    )
    const webhook = stack.use(await startWebhook())
    const alertmanager = stack.use(await startShippedAlertmanager(webhook.url))
    const prometheus = stack.use(
      await startShippedPrometheus(new URL(farmprobe.url).host, alertmanager.address),
    )

    await answerOnce502(single.named('balancer'))
    const pageOf = (farm: string) =>
      webhook.told.find(({ receiver, labels }) => receiver === 'page' && labels.farm === farm)
    const paged = await eventually(
      'a page',
      () => pageOf('spike'),
      (page) => page !== undefined,
      100_000,
    )
    const tookMs = (paged?.atMs ?? 0) - firstErrorMs(farms.spiking)
    console.log(`from the first 502 to the webhook: ${(tookMs / 1000).toFixed(1)} s`)

    expect(tookMs).toBeLessThanOrEqual(promisedMs)
    expect(paged?.labels).toMatchObject({ alertname: 'FarmprobeGatewayErrorSpike', severity: 'critical' })
    expect(paged?.annotations.description).toMatch(/^\d+(\.\d+)?% of the answers that users of spike get/)
    // Ten seconds later, so that every rule has looked at it.
    for (const trouble of hidden)
      await eventually(
        trouble,
        () => found(prometheus, trouble),
        ({ length }) => length > 0,
        40_000,
      )
    expect(await found(prometheus, 'max_over_time(ALERTS{farm!="spike"}[10m])')).toEqual([])
    expect(webhook.told.filter(({ labels }) => labels.farm !== 'spike')).toEqual([])
  })
})

/** What happened on the other farms, as Prometheus knows it. */
const hidden = [
  'sum(farmprobe_responses_total{farm="maintained",role="balancer",lane="tick",code="502"} offset 10s) >= 3',
  'sum(farmprobe_responses_total{farm="single",role="balancer",lane="tick",code="502"} offset 10s) == 1',
  'sum(farmprobe_recycles_total{farm="hidden"} offset 10s) == 1',
]

async function startFarms(stack: AsyncDisposableStack) {
  const start = async (plan: Scenario) => {
    const farm = await startSocketFarm({ scenario: plan, clock: systemClock, random: seededRandom(1) })
    stack.defer(() => farm.stop())
    return farm
  }
  const spiking = await start(farmNamed('spike', { happenings: [spike] }))
  const maintained = await start(farmNamed('maintained', { happenings: [spike] }))
  const hidden = await start(farmNamed('hidden', { nodes: nodes(2, preloaded), happenings: [recycle] }))
  const always = { maintenance: [{ cron: '* * * * *', for: '1h' }] }
  return { spiking, configs: [described(spiking), described(maintained, always), described(hidden)] }
}

function singleFarm([balancer, ...nodes]: readonly ScriptedNode[]): object[] {
  const config = shopConfig({
    balancer: balancer?.address ?? '',
    nodes,
    check: { interval: '5s', timeout: '2s' },
    farm: { name: 'single' },
  })
  return (config as { farms: object[] }).farms
}

/** The next request is answered with 502, those after it as before. */
async function answerOnce502(balancer: ScriptedNode): Promise<void> {
  const before = balancer.requests.length
  balancer.behave({ does: 'answer', status: 502 })
  await eventually(
    'a request',
    () => balancer.requests.length,
    (count) => count > before,
  )
  balancer.behave({ does: 'answer' })
}

function firstErrorMs({ truth }: SocketFarm): number {
  const first = truth.find((event) => event.kind === 'balancer_error' && event.status === 502)
  if (first === undefined) throw new Error('paged, but the balancer answered no 502')
  return first.atMs
}
