/** Farms of a balancer and nine nodes as Prometheus has stored them, in the OpenMetrics format that promtool imports. */
import { createMetrics } from '../../../src/metrics/metrics.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { sampleFarm, sampleOutcome } from '../farms/sample_farm.ts'
import { alertRules, recordingRules } from './rule_files.ts'

const nodes = Array.from({ length: 9 }, (_, index) => `web0${index + 1}`)
const scrapeSeconds = 15
const hour = 3600

interface Recorded {
  readonly record: string
  /** The targets that it is about; absent: it is about the farm. */
  readonly of?: 'balancer' | 'web01'
  readonly value: number
  readonly forSeconds: number
  readonly everySeconds: number
  /** Only where a node is down: one farm in a hundred. */
  readonly sick?: true
}

/** What the recordings have recorded of a check every 5 s, as far back as rules look. */
const history: readonly Recorded[] = [
  ...['answers', 'gateway_errors', 'probes', 'probes_passed'].map(
    (what): Recorded => ({
      record: `subject:farmprobe_${what}:sum`,
      of: 'balancer',
      value: 1000,
      forSeconds: 600,
      everySeconds: 15,
    }),
  ),
  { record: 'farm:farmprobe_watchers:count', value: 1, forSeconds: 600, everySeconds: 30 },
  { record: 'farm:farmprobe_nodes:count', value: 9, forSeconds: 600, everySeconds: 30 },
  {
    record: 'job_instance_farm:farmprobe_watched:timestamp',
    value: 1e9,
    forSeconds: 24 * hour,
    everySeconds: 30,
  },
  {
    record: 'subject:farmprobe_probes:1m',
    of: 'balancer',
    value: 12,
    forSeconds: 4 * hour,
    everySeconds: 30,
  },
  { record: 'farm:farmprobe_balancer_probes:5m', value: 60, forSeconds: 24 * hour, everySeconds: 150 },
  { record: 'farm:farmprobe_balancer_failures:5m', value: 0, forSeconds: 24 * hour, everySeconds: 150 },
  { record: 'farm:farmprobe_balancer_probes:1h', value: 720, forSeconds: 72 * hour, everySeconds: 1800 },
  { record: 'farm:farmprobe_balancer_failures:1h', value: 0, forSeconds: 72 * hour, everySeconds: 1800 },
  ...['probes_failed:sum', 'node_down:1m', 'failures:1m'].map(
    (what): Recorded => ({
      record: `subject:farmprobe_${what}`,
      of: 'web01',
      value: 12,
      forSeconds: 4 * hour,
      everySeconds: 30,
      sick: true,
    }),
  ),
]

/** Everything that the rules ask for, until the second `at`. */
export async function* storedFarms(count: number, at: number): AsyncGenerator<string> {
  const names = Array.from({ length: count }, (_, index) => `farm${index}`)
  const shown = await exposition()
  const series = [
    'up 1',
    ...shown.filter((line) => !line.includes('farm="FARM"')),
    ...names.flatMap((name) =>
      shown.filter((line) => line.includes('farm="FARM"')).map((line) => line.replaceAll('FARM', name)),
    ),
  ]
  for (const line of series) yield scraped(line, at)
  for (const each of history)
    for (const [index, name] of names.entries())
      if (each.sick !== true || index % 100 === 0) yield recorded(each, name, at)
  yield '# EOF\n'
}

/** The series of a farm and of farmprobe itself that the rules ask for. */
async function exposition(): Promise<string[]> {
  const metrics = createMetrics({ clock: systemClock, version: '0.0.0' })
  metrics.setFarms([sampleFarm({ name: 'FARM' }, nodes)])
  metrics.setProbers([0])
  for (const target of ['balancer', ...nodes]) {
    const role = target === 'balancer' ? 'balancer' : 'node'
    metrics.observe(sampleOutcome({ farm: 'FARM', role, target }))
  }
  const rules = JSON.stringify([recordingRules, alertRules])
  const asked = new Set(rules.match(/\b(farmprobe_\w+|process_start_time_seconds)\b/g))
  const text = (await Array.fromAsync(metrics.render(undefined).chunks)).join('')
  return text.split('\n').filter((line) => asked.has(/^\w+/.exec(line)?.[0] ?? ''))
}

/** What counts good probes; all else stays as it is. */
const growing =
  /^farmprobe_(duration_seconds_|schedule_lag_seconds_|probes_total.*"tick",result="ok"|responses_total.*"tick",code="2xx")/

function scraped(line: string, at: number): string {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (.*)$/.exec(line) ?? []
  const perScrape = growing.test(line) ? scrapeSeconds / 5 : 0
  const series = `${name}{job="farmprobe",instance="a"${labels && `,${labels}`}}`
  return samples(series, (index) => Number(value) + index * perScrape, at, 960, scrapeSeconds)
}

function recorded({ record, of, value, forSeconds, everySeconds }: Recorded, farm: string, at: number) {
  const role = of === 'balancer' ? 'balancer' : 'node'
  const target = of && `,role="${role}",target="${of}",check="home"`
  const scrape = /^(subject|job)/.test(record) ? ',job="farmprobe",instance="a"' : ''
  return samples(
    `${record}{farm="${farm}"${scrape}${target ?? ''}}`,
    () => value,
    at,
    forSeconds,
    everySeconds,
  )
}

function samples(series: string, value: (index: number) => number, at: number, span: number, step: number) {
  const count = Math.floor(span / step) + 1
  return Array.from(
    { length: count },
    (_, index) => `${series} ${value(index)} ${at - span + index * step}\n`,
  ).join('')
}
