/** Farms split over processes: the real ones, side by side. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { check } from '../../src/cli/check.ts'
import { placeFarms } from '../../src/schedule/shard_assignment.ts'
import { eventually } from '../support/eventually.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { type Sample, select } from '../support/rules/exposition.ts'
import { tempDir } from '../support/temp_dir.ts'

const count = 3
const farms = Array.from({ length: 9 }, (_, index) => `site${index}`)

test('three shards probe every farm once, and no two show the same series', { timeout: 60_000 }, async () => {
  const target = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(target, 'listening')
  await using stack = new AsyncDisposableStack()
  stack.defer(() => void target.close())
  const { port } = target.address() as AddressInfo
  const checks = [{ name: 'home', path: '/', interval: '200ms' }]
  const config = { farms: farms.map((name) => ({ name, url: `http://127.0.0.1:${port}`, checks })) }
  const shards = await Promise.all(
    Array.from({ length: count }, async (_, index) =>
      stack.use(await startFarmprobe(config, '--shard', `${index}/${count}`)),
    ),
  )

  const scraped = await Promise.all(shards.map(probed))
  const names = scraped.map((samples) => farmsIn(samples))
  expect(names.flat().toSorted()).toEqual(farms)
  expect(names.every((each) => each.length > 0)).toBe(true)
  for (const [index, samples] of scraped.entries()) {
    expect(select(samples, 'farmprobe_shard_info')).toEqual([
      { name: 'farmprobe_shard_info', labels: { shard: `${index}`, shards: `${count}` }, value: 1 },
    ])
    expect(select(samples, 'farmprobe_shards').map(({ value }) => value)).toEqual([count])
  }
  const keys = scraped.flatMap((samples) => samples.filter(({ labels }) => labels['farm']).map(keyOf))
  expect(new Set(keys).size).toBe(keys.length)
  const told = JSON.parse((await shards[1]?.get('/api/v1/farms'))?.text ?? '') as object
  expect(told).toMatchObject({ shard: { index: 1, count }, farms: names[1]?.map((name) => ({ name })) })
})

/** What a shard shows when it has probed all its farms. */
const probed = (shard: Farmprobe) =>
  eventually(
    'a probe of every farm',
    shard.metrics,
    (samples) => select(samples, 'farmprobe_up', { role: 'balancer' }).every(({ value }) => value === 1),
    20_000,
  )

const farmsIn = (samples: readonly Sample[]) =>
  select(samples, 'farmprobe_in_maintenance').map(({ labels }) => labels['farm'] ?? '')

const keyOf = ({ name, labels }: Sample) => `${name} ${JSON.stringify(labels)}`

test('a reload keeps the shard', { timeout: 60_000 }, async () => {
  await using shard = await startFarmprobe(unreachable('site0'), '--shard', '1/3')
  await shard.reconfigure(unreachable(...farms))
  const samples = await eventually(
    'the new configuration',
    shard.metrics,
    (each) => farmsIn(each).length > 0 && farmsIn(each).join() !== 'site0',
  )
  expect(farmsIn(samples)).toEqual(farms.filter((_, at) => placeFarms(farms, count)[at] === 1))
})

test('a shard without a farm says so, and is ready all the same', { timeout: 60_000 }, async () => {
  const [busy = 0] = placeFarms(['site0'], count)
  await using empty = await startFarmprobe(unreachable('site0'), '--shard', `${(busy + 1) % count}/${count}`)
  await empty.process.line(/this shard has none of the farms/)
  const { text } = await eventually(
    'readiness',
    () => empty.get('/-/ready'),
    () => true,
  )
  expect(text).toBe('farmprobe is ready.\n')
})

const unreachable = (...names: string[]) => ({
  farms: names.map((name) => ({ name, url: 'http://127.0.0.1:9' })),
})

test('check shows what each shard would have', async () => {
  await using dir = await tempDir()
  const text = farms.map((name) => `{ name: ${name}, url: "http://${name}.example.org" }`).join(', ')
  const file = await dir.write('farms.yaml', `farms: [${text}]`)
  const { edge, stdout } = capturedEdge()
  expect(await check(file, { shards: count }, edge)).toBe(0)
  // What a farm costs in series changes with the metrics there are.
  expect(
    stdout()
      .replace(file, 'farms.yaml')
      .replaceAll(/\d[\d,]*(?=$| series$)/gm, 'N'),
  ).toMatchInlineSnapshot(`
    "shard  farms  targets  probes/s  series
      0/3      3        3       0.6     N
      1/3      2        2       0.4     N
      2/3      4        4       0.8     N
    ok: farms.yaml: 9 farms, 1.8 probes/s, N series
    "
  `)
})
