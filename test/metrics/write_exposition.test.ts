import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { table } from '../../src/metrics/metric_table.ts'
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts'
import { seriesCost } from '../../src/metrics/owners.ts'
import { type Farm, targetsOf } from '../../src/model/farm.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { sampleCheck, sampleFarm, sampleNode, sampleOutcome } from '../support/farms/sample_farm.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { parseExposition } from '../support/rules/exposition.ts'
import { promtool } from '../support/rules/promtool.ts'
import { readStrictly } from '../support/rules/strict_exposition.ts'

const openmetrics = 'application/openmetrics-text;version=1.0.0'

let metrics: Metrics

beforeEach(() => {
  metrics = createMetrics({ clock: systemClock, version: '1.2.3' })
})

async function render(accept?: string): Promise<string> {
  return (await Array.fromAsync(metrics.render(accept).chunks)).join('')
}

/** The lines of our own families; what the library reports of this process differs from run to run. */
const ours = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^(# (HELP|TYPE) )?farmprobe_/.test(line))
    .map((line) => `${line}\n`)
    .join('')

/** A farm with some outcomes of every kind. */
function live(): void {
  metrics.setFarms([sampleFarm({ servedBy: { header: 'X-Node' } }, ['web01'])])
  metrics.observe(sampleOutcome({ notAfterMs: 1_800_000_000_000 }))
  metrics.observe(sampleOutcome({ lane: 'burst', reason: 'first_byte_timeout', status: 0, totalMs: 30_000 }))
  metrics.observe(sampleOutcome({ role: 'balancer', target: 'balancer', status: 502, servedBy: 'web01' }))
  metrics.loopDelay(0, { p50Ms: 0.1, p99Ms: 1.5, maxMs: 12 })
}

test('the exposition of a farm of one node', async () => {
  metrics = createMetrics({ clock: { ...systemClock, wallMs: () => 1_700_000_000_000 }, version: '1.2.3' })
  live()
  metrics.reloaded('config', true)
  // Products join the table of origins now and then: two stand for all.
  const text = ours(await render())
    .replaceAll(process.version, 'v24.0.0')
    .replaceAll(/^.*,origin="(?!nginx|unknown).*\n/gm, '')
  await expect(text).toMatchFileSnapshot('tiny_farm.prom')
})

describe('both formats', () => {
  test('are well formed and hold the same samples', async () => {
    live()
    const text = ours(await render())
    const open = `${ours(await render(openmetrics))}# EOF\n`
    expect(readStrictly(text, 'text').size).toBe(table.length)
    expect(readStrictly(open, 'openmetrics').size).toBe(table.length)
    expect(parseExposition(open)).toEqual(parseExposition(text))
  })

  test('are well formed with the metrics of the process, whichever was asked for first', async () => {
    readStrictly(await render(openmetrics), 'openmetrics')
    const families = readStrictly(await render(), 'text')
    expect(families.get('process_cpu_seconds_total')?.type).toBe('counter')
    expect(families.get('nodejs_gc_duration_seconds')?.type).toBe('histogram')
  })

  test('name themselves in the content type', () => {
    expect(metrics.render(undefined).contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(metrics.render(openmetrics).contentType).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    )
  })

  test('escape what a name may hold', async () => {
    const name = 'a "quoted" \\ name, Ünïcode'
    metrics.setFarms([sampleFarm({ name })])
    for (const accept of [undefined, openmetrics]) {
      const samples = parseExposition(ours(await render(accept)))
      const farms = new Set(samples.map(({ labels }) => labels.farm).filter((farm) => farm !== undefined))
      expect([...farms]).toEqual([name])
    }
  })
})

describe('exemplars', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const first = { target: 'web01', check: 'home', firstByteMs: 9400, reason: 'ok', traceId } as const

  test('link durations and first requests to their traces in OpenMetrics, and nowhere else', async () => {
    live()
    const before = ours(await render(openmetrics))
    expect(before).not.toContain(' # {')
    metrics.observe(sampleOutcome({ startedMs: 1_700_000_000_000, totalMs: 45, traceId }))
    metrics.observe(sampleOutcome({ startedMs: 1_600_000_000_000, totalMs: 44, traceId: 'older' }))
    const event = { atMs: 1_700_000_000_000, farm: 'intranet', maintenance: false } as const
    metrics.record({ ...event, kind: 'first_request', ...first })
    const open = ours(await render(openmetrics))
    expect(open.match(/^.* # \{.*$/gm)?.map((line) => line.replace(/\{.*(le=)/, '{$1'))).toEqual([
      `farmprobe_duration_seconds_bucket{le="0.1"} 3 # {trace_id="${traceId}"} 0.045 1700000000.045`,
      `farmprobe_first_request_seconds_bucket{le="10.0"} 1 # {trace_id="${traceId}"} 9.4 1700000009.4`,
    ])
    expect(readStrictly(`${open}# EOF\n`, 'openmetrics').size).toBe(table.length)
    expect(parseExposition(open)).toEqual(parseExposition(ours(await render())))
    readStrictly(ours(await render()), 'text')
  })
})

async function takeTurns(turns: { count: number }, until: AbortSignal): Promise<void> {
  for (; !until.aborted; turns.count++) await nextTurn()
}

test('other work runs while thousands of series are written', async () => {
  const nodes = Array.from({ length: 100 }, (_, i) => `web${i}`)
  metrics.setFarms([sampleFarm({}, nodes)])
  const turns = { count: 0 }
  const writing = new AbortController()
  const others = takeTurns(turns, writing.signal)
  const chunks = await Array.fromAsync(metrics.render(undefined).chunks)
  writing.abort()
  await others
  expect(chunks.length).toBeGreaterThan(10)
  expect(turns.count).toBeGreaterThanOrEqual(chunks.length - 1)
})

test('removing farms while they are written leaves the exposition well formed', async () => {
  metrics.setFarms(Array.from({ length: 40 }, (_, i) => sampleFarm({ name: `farm${i}` })))
  let text = ''
  for await (const chunk of metrics.render(undefined).chunks) {
    metrics.setFarms([])
    text += chunk
  }
  expect(readStrictly(text, 'text').size).toBeGreaterThan(table.length)
})

describe('the cost of a farm', () => {
  test('of a balancer and nine nodes is at most 80 series and 8 KB a target, after thousands of probes', async () => {
    const farm = sampleFarm(
      {},
      Array.from({ length: 9 }, (_, i) => `web0${i + 1}`),
    )
    metrics.setFarms([farm])
    for (let probe = 1; probe <= 5000; probe++)
      for (const { role, name } of targetsOf(farm, sampleCheck()))
        metrics.observe(
          sampleOutcome({ role, target: name, firstByteMs: 4 + probe / 7, totalMs: 5 + probe / 3 }),
        )
    const lines = ours(await render()).match(/^farmprobe_.*farm=.*\n/gm) ?? []
    expect(lines).toHaveLength(seriesCost(farm))
    expect(seriesCost(farm) / 10).toBeLessThanOrEqual(80)
    expect(lines.join('').length / 10).toBeLessThanOrEqual(8000)
  })

  test.each<[string, Farm]>([
    ['one node', sampleFarm({}, ['web01'])],
    ['no node', sampleFarm({}, [])],
    ['nothing to do', sampleFarm({ checks: [] })],
    ['served_by', sampleFarm({ servedBy: { header: 'X-Node' } }, ['web01', 'web02', 'web03'])],
    ['affinity', sampleFarm({ servedBy: { header: 'X-Node' }, affinity: { cookie: 'ARRAffinity' } })],
    ['affinity, and nothing that names a node', sampleFarm({ affinity: { cookie: 'ARRAffinity' } })],
    ['plain http', sampleFarm({ nodes: [sampleNode('web01', { scheme: 'http' })] })],
    ['a canary', sampleFarm({ checks: [sampleCheck(), sampleCheck({ name: 'cold', canary: true })] })],
    [
      'a check of nodes only',
      sampleFarm({ checks: [sampleCheck({ targets: ['node'] })] }, ['web01', 'web02']),
    ],
    ['a check of the balancer only', sampleFarm({ checks: [sampleCheck({ targets: ['balancer'] })] })],
  ])('with %s is what it adds to the exposition', async (_what, farm) => {
    const empty = parseExposition(ours(await render())).length
    metrics.setFarms([farm])
    expect(seriesCost(farm)).toBe(parseExposition(ours(await render())).length - empty)
  })
})

suiteWith('promtool')('promtool', () => {
  test('has no objection to our families', async () => {
    live()
    const input = ours(await render())
    expect(input).toContain('farmprobe_probes_total')
    expect(promtool(['check', 'metrics'], input)).toBe('')
  })
})
