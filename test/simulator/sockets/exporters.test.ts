import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPools } from '../../../src/crosscheck/pools.ts'
import { exporterPlaces } from '../../../src/model/farm.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { app, nodes, pool, scenario } from '../../../src/simulator/farm/blueprint_parts.ts'
import type { RecycleCause } from '../../../src/simulator/farm/true_events.ts'
import { farmPlan } from '../../../src/simulator/farm_to_probe.ts'
import { type Exporters, startExporters } from '../../../src/simulator/sockets/exporters.ts'

const plan = scenario('farm', 'Two nodes with two pools each.', {
  nodes: nodes(2, app({ path: '/reports', pool: pool({ workers: 1 }) }), app({ pool: pool({ workers: 2 }) })),
})

let exporters: Exporters

beforeEach(async () => {
  exporters = await startExporters(plan, '127.0.0.1', systemClock)
})

afterEach(() => exporters.stop())

/** What farmprobe reads of a node. */
async function read(node: string) {
  const farm = farmPlan(plan, () => ({ host: '127.0.0.1', port: 1 }))
  const place = exporterPlaces({ ...farm, crosscheck: exporters.crosscheck }).find(
    (each) => each.node === node,
  )
  const response = await fetch(`http://${place?.host}:${place?.port}/metrics`)
  const pools = readPools(await response.text(), place?.pools ?? [])
  if (typeof pools === 'string') throw new Error(pools)
  return Object.fromEntries(pools)
}

const recycle = (cause: RecycleCause, app: string, worker: number, token: string) =>
  exporters.record({
    kind: 'recycle',
    atMs: 0,
    node: 'web02',
    app,
    cause,
    servesMs: 0,
    worker,
    token,
    overlapped: true,
    preloaded: false,
    coldMs: 0,
  })

test('at the start a node shows its pools with their workers, and counts only these', async () => {
  expect(await read('web01')).toMatchObject({
    reports: { created: 1, recycles: 0, failures: 0, workers: 1, state: 'Running' },
    DefaultAppPool: { created: 2, workers: 2 },
  })
})

test('recycles, crashes and starts after an idle stop are counted for what they are, on their node alone', async () => {
  const before = await read('web01')
  recycle('time', '/', 1, '5000-abc')
  recycle('crash', '/', 0, '5004-abd')
  expect((await read('web02')).DefaultAppPool).toEqual({
    created: 4,
    recycles: 1,
    failures: 1,
    workers: 2,
    pids: ['5004', '5000'],
    state: 'Running',
  })
  exporters.record({ kind: 'idle', atMs: 0, node: 'web02', app: '/reports', action: 'terminate' })
  expect((await read('web02')).reports).toMatchObject({ workers: 0, pids: [], created: 1 })
  recycle('idle', '/reports', 0, '5008-abe')
  expect((await read('web02')).reports).toMatchObject({ workers: 1, pids: ['5008'], created: 2, recycles: 0 })
  expect(await read('web01')).toEqual(before)
})
