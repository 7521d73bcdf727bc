/** A farm of a balancer and two nodes as Prometheus scrapes it, for promtool's tests: series from a few spans of trouble. */

/** From and until, in seconds; the end is not part of it. */
export type Span = readonly [number, number]

export interface Scene {
  /** Seconds between probes, and between scrapes. */
  readonly probe: number
  readonly scrape: number
  readonly until: number
  /** When the balancer answers 502. */
  readonly balancerFails?: readonly Span[]
  /** When web02 does. */
  readonly nodeFails?: readonly Span[]
  /** When web02 refuses the credentials of the check. */
  readonly nodeRefuses?: readonly Span[]
  readonly maintenance?: readonly Span[]
  /** When the farm is in the configuration; absent: always. */
  readonly configured?: Span
  /** When farmprobe restarts: counters begin at zero again. */
  readonly restart?: number
  /** When scrapes fail. */
  readonly unanswered?: readonly Span[]
  /** When Prometheus stops to scrape it: it has left the configuration or service discovery. */
  readonly leaves?: number
  /** Those of this farmprobe only; absent: of all. */
  readonly unansweredBy?: string
  /** The farmprobes that watch the farm; absent: one. */
  readonly instances?: readonly string[]
  readonly more?: readonly Series[]
}

export interface Series {
  /** Name and labels but `job` and `instance`. */
  readonly of: string
  readonly kind: 'counter' | 'gauge'
  /** Its value at a second, or none. */
  readonly at: (second: number) => number | undefined
}

export const counter = (of: string, at: Series['at']): Series => ({ of, kind: 'counter', at })
export const gauge = (of: string, at: Series['at']): Series => ({ of, kind: 'gauge', at })

/** A counter that grows by one at each of these times. */
export const eventsAt = (of: string, times: readonly number[]): Series =>
  counter(of, (second) => times.filter((at) => at <= second).length)

const isIn = (spans: readonly Span[], second: number): boolean =>
  spans.some(([from, to]) => from <= second && second < to)

/** What promtool's `input_series` say of it. */
export function inputSeries(scene: Scene): { series: string; values: string }[] {
  const scrapes = Array.from(
    { length: Math.floor(scene.until / scene.scrape) + 1 },
    (_, index) => index * scene.scrape,
  )
  const [from, to] = scene.configured ?? [0, Number.POSITIVE_INFINITY]
  const itself = [gauge('up{', () => 1), gauge('farmprobe_build_info{', () => 1)]
  const farm = seriesOfFarm(scene).map((series) => ({
    ...series,
    at: (second: number) => (second < from || second >= to ? undefined : series.at(second)),
  }))
  return (scene.instances ?? ['a']).flatMap((instance) =>
    [...itself, ...farm, ...(scene.more ?? [])].map((series) => ({
      series: series.of.endsWith('{')
        ? `${series.of}job="farmprobe",instance="${instance}"}`
        : series.of.replace('{', `{job="farmprobe",instance="${instance}",`),
      values: notation(scrapes.map((second) => sample(scene, instance, series, second))),
    })),
  )
}

function sample(scene: Scene, instance: string, { of, kind, at }: Series, second: number) {
  const { unanswered = [], unansweredBy = instance, leaves = second + 1, restart, scrape } = scene
  if (unansweredBy === instance && second >= leaves) return second - scrape < leaves ? 'stale' : undefined
  if (unansweredBy === instance && isIn(unanswered, second)) {
    if (of.startsWith('up{')) return 0
    return isIn(unanswered, second - scrape) ? undefined : 'stale'
  }
  const value = at(second)
  if (value === undefined || kind === 'gauge' || restart === undefined || second < restart) return value
  return value - (at(restart) ?? 0)
}

function seriesOfFarm(scene: Scene): Series[] {
  const { balancerFails = [], nodeFails = [], nodeRefuses = [], maintenance = [] } = scene
  const fails = { balancer: balancerFails, web01: [], web02: nodeFails }
  return [
    ...Object.entries(fails).flatMap(([target, spans]) =>
      seriesOfTarget(scene, target, spans, target === 'web02' ? nodeRefuses : []),
    ),
    ...seriesOfVerdicts(scene),
    gauge('farmprobe_in_maintenance{farm="shop"}', (second) => Number(isIn(maintenance, second))),
    counter(
      'farmprobe_missed_slots_total{farm="shop",role="balancer",target="balancer",check="home"}',
      () => 0,
    ),
  ]
}

function seriesOfTarget(
  { probe }: Scene,
  target: string,
  fails: readonly Span[],
  refuses: readonly Span[],
): Series[] {
  const role = target === 'balancer' ? 'balancer' : 'node'
  const labels = `farm="shop",role="${role}",target="${target}",check="home"`
  const made = (second: number) => Math.floor(second / probe) + 1
  const within = (spans: readonly Span[]) => (second: number) =>
    sum(spans.map(([from, to]) => slots(probe, from, Math.min(to, second + 1e-3))))
  const [failed, refused] = [within(fails), within(refuses)]
  const passed = (second: number) => made(second) - failed(second) - refused(second)
  const tick = `${labels},lane="tick"`
  return [
    counter(`farmprobe_duration_seconds_count{${labels}}`, made),
    counter(`farmprobe_duration_seconds_sum{${labels}}`, (second) => made(second) / 8),
    counter(`farmprobe_probes_total{${tick},result="ok"}`, passed),
    counter(`farmprobe_probes_total{${tick},result="status"}`, failed),
    counter(`farmprobe_probes_total{${tick},result="internal"}`, () => 0),
    ...(refuses.length > 0 ? [counter(`farmprobe_probes_total{${tick},result="auth"}`, refused)] : []),
    counter(`farmprobe_responses_total{${tick},code="2xx"}`, passed),
    counter(`farmprobe_responses_total{${tick},code="502"}`, failed),
    gauge(`farmprobe_up{${labels}}`, (second) =>
      Number(!isIn([...fails, ...refuses], lastSlot(probe, second))),
    ),
  ]
}

/** By the last probe of each target. */
function seriesOfVerdicts({ probe, until, balancerFails = [], nodeFails = [] }: Scene): Series[] {
  const verdictOf = (second: number) => {
    const slot = lastSlot(probe, second)
    if (!isIn(balancerFails, slot)) return isIn(nodeFails, slot) ? 'masked' : 'ok'
    return isIn(nodeFails, slot) ? 'farm_down' : 'balancer_fault'
  }
  return ['masked', 'balancer_fault', 'farm_down'].flatMap((verdict) => {
    const lasted = Array.from({ length: Math.floor(until / probe) + 1 }, () => 0)
    for (let slot = 1; slot < lasted.length; slot++)
      lasted[slot] = (lasted[slot - 1] ?? 0) + (verdictOf((slot - 1) * probe) === verdict ? probe : 0)
    const labels = `farm="shop",check="home",verdict="${verdict}"`
    const present = (second: number) => verdictOf(second) === verdict
    return [
      gauge(`farmprobe_verdict{${labels}}`, (second) => Number(present(second))),
      counter(
        `farmprobe_verdict_seconds_total{${labels}}`,
        (second) => (lasted[Math.floor(second / probe)] ?? 0) + (present(second) ? second % probe : 0),
      ),
    ]
  })
}

const lastSlot = (probe: number, second: number) => Math.floor(second / probe) * probe
/** How many slots lie from `from` until before `to`. */
const slots = (probe: number, from: number, to: number) =>
  Math.max(0, Math.ceil(to / probe) - Math.ceil(from / probe))
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

/** Promtool's shorthand: a run of equal steps is `first+stepxcount`. */
function notation(samples: readonly (number | 'stale' | undefined)[]): string {
  const words: string[] = []
  for (let at = 0; at < samples.length; ) {
    const first = samples[at]
    const second = samples[at + 1]
    if (typeof first !== 'number' || typeof second !== 'number') {
      words.push(first === undefined ? '_' : `${first}`)
      at++
      continue
    }
    const step = second - first
    let count = 1
    while (count + at < samples.length && samples[at + count] === first + count * step) count++
    words.push(`${first}${step < 0 ? '-' : '+'}${Math.abs(step)}x${count - 1}`)
    at += count
  }
  return words.join(' ')
}
