import { expect, test } from 'vitest'
import { createEventLog } from '../../src/cli/event_log.ts'
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import type { Incident } from '../../src/model/incident.ts'
import { endedMs, type Outcome } from '../../src/model/outcome.ts'
import { minuteMs } from '../../src/runtime/duration.ts'
import { startFarmMonitors } from '../../src/service/farm_monitors.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'
import { anOutcome, type Said, startMs } from '../support/farms/scripted_farm.ts'
import { always, journalIn } from '../support/files/temp_journal.ts'
import { quietLog } from '../support/quiet_log.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'
import { sampleApp } from '../support/web/sample_web.ts'

const nodes = ['web01', 'web02', 'web03']
const farm = sampleFarm({}, nodes)
const endS = 3600
/** In the middle of a trouble that users feel. */
const restartS = 1510

/** Every ten minutes another trouble: a node refuses and users see it, a hidden one, a slow start, a balancer alone, all down. */
function said(at: number, target: string): Partial<Said> | undefined {
  const into = at % 600
  const kind = Math.floor(at / 600) % 6
  if (into < 300 || into >= 330) return undefined
  const isBalancer = target === 'balancer'
  const error = { reason: 'status', status: 502, origin: 'arr', firstByteMs: 25 } as const
  if (kind === 0 || kind === 2)
    return isBalancer && at % 10 === 0 ? error : target === 'web01' ? { reason: 'refused' } : undefined
  if (kind === 1) return target === 'web02' ? { reason: 'reset' } : undefined
  if (kind === 3) return isBalancer ? { ...error, status: 503 } : undefined
  if (kind === 4) return isBalancer ? { ...error, status: 504 } : { reason: 'refused' }
  if (target !== 'web03') return isBalancer && into === 320 ? error : undefined
  return into < 310 ? { reason: 'refused' } : { firstByteMs: 1000 * (325 - into) + 20 }
}

const story: readonly Outcome[] = Array.from({ length: endS / 5 }, (_, slot) => 5 * slot)
  .flatMap((at) => ['balancer', ...nodes].map((target) => anOutcome({ at, target, ...said(at, target) })))
  .sort((a, b) => endedMs(a) - endedMs(b))

/** The sum of the series of a metric whose labels match. */
async function sumOf(all: readonly Metrics[], name: string, labels = ''): Promise<number> {
  let sum = 0
  for (const metrics of all)
    for await (const chunk of metrics.render(undefined).chunks)
      for (const line of chunk.toString().split('\n'))
        if (line.startsWith(`${name}{`) && line.includes(labels)) sum += Number(line.split(' ').at(-1))
  return sum
}

test('log, API, journal and metrics add up to the same incidents, across a restart', async () => {
  await using journals = await journalIn(startMs)
  const journal = journals.open()
  const clock = createSimulatedClock(startMs)
  const { log, lines } = quietLog()
  const tell = createEventLog(log, (id) => `#/incident/${id}`)
  const kept = new Map<string, unknown>()
  const events: FarmEvent[] = []
  const processes: Metrics[] = []
  const start = () => {
    const metrics = createMetrics({ clock, version: 'test' })
    metrics.setFarms([farm])
    processes.push(metrics)
    const monitors = startFarmMonitors({
      metrics,
      clock,
      quietMs: () => 20_000,
      memory: {
        known: () => (kept.size === 0 ? new Map() : new Map([[farm.name, Object.fromEntries(kept)]])),
        keep: (_farm, part, take) => void kept.set(part, JSON.parse(JSON.stringify(take()))),
      },
      onEvent(event) {
        events.push(event)
        journal.record(event)
        tell(event)
      },
    })
    monitors.setFarms([farm])
    return { metrics, monitors }
  }
  let running = start()
  for (const outcome of story) {
    const behindMs = endedMs(outcome) - clock.wallMs()
    if (behindMs > 0) await clock.advance(behindMs)
    if (processes.length === 1 && clock.wallMs() >= startMs + restartS * 1000) {
      running.monitors.stop()
      running = start()
    }
    running.metrics.observe(outcome)
    running.monitors.observe(outcome)
  }
  await clock.advance(2 * minuteMs)
  running.monitors.stop()
  journal.flush()

  const incidents = journal.incidents(always, {}, 1000)
  expect(incidents).toHaveLength(endS / 600)
  expect(incidents.every(({ closedMs }) => closedMs !== null)).toBe(true)
  const answer = await sampleApp({ history: () => journal, farms: () => [farm] }).request(
    '/api/v1/incidents?since=2020-01-01T00:00:00Z&until=2027-01-01T00:00:00Z',
  )
  expect(((await answer.json()) as { incidents: Incident[] }).incidents).toEqual(incidents)

  const count = (isCounted: (incident: Incident) => boolean) => incidents.filter(isCounted).length
  for (const impact of ['users', 'hidden'] as const) {
    const label = `impact="${impact}"`
    const own = count((each) => each.impact === impact)
    expect(own).toBeGreaterThan(0)
    expect(await sumOf(processes, 'farmprobe_incidents_opened_total', label)).toBe(own)
    expect(await sumOf(processes, 'farmprobe_incidents_total', label)).toBe(own)
    expect(await sumOf(processes, 'farmprobe_incident_seconds_count', label)).toBe(own)
    expect(await sumOf([running.metrics], 'farmprobe_incident_open', label)).toBe(0)
    const closings = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(
      closings.filter(
        (line) =>
          line['event'] === 'incident_closed' && line['level'] === 'warn' && line['impact'] === impact,
      ),
    ).toHaveLength(own)
  }
  for (const { node } of incidents)
    expect(await sumOf(processes, 'farmprobe_incidents_total', `node="${node}"`)).toBe(
      count((each) => each.node === node),
    )

  const errors = (code: string) => incidents.reduce((sum, each) => sum + (each.errors[code] ?? 0), 0)
  for (const code of ['502', '503', '504'])
    expect(
      await sumOf(
        processes,
        'farmprobe_gateway_errors_total',
        `role="balancer",target="balancer",check="home",code="${code}"`,
      ),
    ).toBe(errors(code))
  const attributed = incidents.flatMap((each) => each.nodes).reduce((sum, part) => sum + part.errors, 0)
  expect(attributed).toBe(errors('502') + errors('503') + errors('504'))
  expect(await sumOf(processes, 'farmprobe_balancer_errors_attributed_total')).toBe(attributed)
})
