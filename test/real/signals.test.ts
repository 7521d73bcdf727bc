import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { type ScriptedNodes, shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { type Sample, select, total } from '../support/rules/exposition.ts'
import type { ScriptedNode } from '../support/servers/scripted_node.ts'

const intervalMs = 500
const check = { interval: `${intervalMs}ms`, timeout: '30s', burst: false }

const configOf = (nodes: ScriptedNodes, ...names: string[]) =>
  shopConfig({
    balancer: nodes.named('balancer').address,
    nodes: names.map((name) => nodes.named(name)),
    check,
  })

const reloaded = (metrics: readonly Sample[]) => total(metrics, 'farmprobe_config_last_reload_successful')

const probed = (metrics: readonly Sample[], target: string) =>
  total(metrics, 'farmprobe_probes_total', { target })

/** Every request that a node ever got is in its counter: the counter never began anew. */
async function expectNothingLost(farmprobe: Farmprobe, node: ScriptedNode): Promise<void> {
  const { counted, seen } = await eventually(
    `${node.name}'s counter being what ${node.name} has seen`,
    async () => ({ counted: probed(await farmprobe.metrics(), node.name), seen: node.requests.length }),
    ({ counted, seen }) => counted === seen,
  )
  expect(counted).toBe(seen)
}

describe('SIGHUP', () => {
  test.concurrent('adds a node and takes one away, and the others keep their counters and their slots', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01', 'web02', 'web03')
    await using farmprobe = await startFarmprobe(configOf(nodes, 'web01', 'web02'))
    await eventually('some ticks', farmprobe.metrics, (metrics) => probed(metrics, 'web01') >= 3)

    await farmprobe.reconfigure(configOf(nodes, 'web01', 'web03'))
    const metrics = await eventually(
      'web03 being probed',
      farmprobe.metrics,
      (now) => probed(now, 'web03') >= 3,
    )
    expect(select(metrics, 'farmprobe_probes_total', { target: 'web02' })).toEqual([])
    expect(reloaded(metrics)).toBe(1)
    await expectNothingLost(farmprobe, nodes.named('web01'))
    await expectNothingLost(farmprobe, nodes.named('balancer'))
    expectOneGrid(nodes.named('web01'))
  })

  test.concurrent('with a bad file changes nothing, and says so', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01')
    await using farmprobe = await startFarmprobe(configOf(nodes, 'web01'))
    await eventually('a tick', farmprobe.metrics, (metrics) => probed(metrics, 'web01') >= 1)

    await farmprobe.reconfigure('farms: [ { name: shop, nodez: [] } ]')
    const bad = await eventually('the bad news', farmprobe.metrics, (metrics) => reloaded(metrics) === 0)
    const later = (metrics: readonly Sample[]) => probed(metrics, 'web01') >= probed(bad, 'web01') + 2
    await eventually('probing going on', farmprobe.metrics, later)
    await expectNothingLost(farmprobe, nodes.named('web01'))

    await farmprobe.reconfigure(configOf(nodes, 'web01'))
    const good = await eventually('the good news', farmprobe.metrics, (metrics) => reloaded(metrics) === 1)
    expect(probed(good, 'web01')).toBeGreaterThan(probed(bad, 'web01'))
    await expectNothingLost(farmprobe, nodes.named('web01'))
  })
})

/** Requests lie whole intervals apart, whatever was reloaded between them; the first may be a sweep, off the grid. */
function expectOneGrid({ requests }: ScriptedNode): void {
  const last = requests.at(-1)?.atMs ?? 0
  const slots = requests.map(({ atMs }) => (last - atMs) / intervalMs)
  const onGrid = slots.filter((slot) => Math.abs(slot - Math.round(slot)) < 0.2)
  expect(onGrid.length, `of ${slots.join(', ')}`).toBeGreaterThanOrEqual(requests.length - 1)
}

describe('SIGTERM', () => {
  test.concurrent('lets a probe in flight end, and exits with 0', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01')
    await nodes.named('web01').restart({ coldMs: 1500 })
    await using farmprobe = await startFarmprobe(configOf(nodes, 'web01'))
    await eventually(
      'a request in flight',
      () => nodes.named('web01').requests.length,
      (count) => count > 0,
    )
    farmprobe.process.signal('SIGTERM')
    expect(await farmprobe.process.exit).toEqual({ code: 0, signal: null })
    const answered = farmprobe.probes().filter(({ target, reason }) => target === 'web01' && reason === 'ok')
    expect(answered.length).toBe(nodes.named('web01').requests.length)
  })

  test.concurrent('ends within 5 s although a node never answers', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01')
    nodes.named('web01').behave({ does: 'stall' })
    await using farmprobe = await startFarmprobe(configOf(nodes, 'web01'))
    await eventually(
      'a request in flight',
      () => nodes.named('web01').requests.length,
      (count) => count > 0,
    )
    const askedAt = performance.now()
    farmprobe.process.signal('SIGTERM')
    expect(await farmprobe.process.exit).toEqual({ code: 0, signal: null })
    expect(performance.now() - askedAt).toBeLessThan(5000)
  })
})
