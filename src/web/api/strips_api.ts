import type { Context } from 'hono'
import type { FarmEvent } from '../../model/event.ts'
import type { History, Step, StepsOf } from '../past.ts'
import type { Ports } from '../web_ports.ts'
import { mergeReasons, mostFrequent } from './most_frequent.ts'
import { aboutOf, farmNamed, known, spanOf } from './query_parameters.ts'
import { fittingStepMs } from './step_length.ts'

const hourMs = 3_600_000
/** Cells of a strip: as many as can be told apart on a phone. */
const mostCells = 60

/** `GET /api/v1/strips?farm=&since=1h`: how each minute went for each target, all its checks together. */
export function stripsApi(c: Context, ports: Ports, nowMs: number): Response {
  const history = ports.history()
  const about = aboutOf(c)
  if (about.farm !== undefined) farmNamed(ports, about.farm)
  const asked = spanOf(c, nowMs, nowMs - hourMs)
  const stepMs = fittingStepMs(asked, mostCells)
  const firstMs = Math.floor(asked.sinceMs / stepMs) * stepMs
  const count = Math.ceil((asked.untilMs - firstMs) / stepMs)
  const span = known({ sinceMs: firstMs, untilMs: asked.untilMs }, history)
  const byTarget = Map.groupBy(
    stepsFrom(ports, history, firstMs).steps(span, about, stepMs),
    ({ subject }) => `${subject.farm}\n${subject.target}`,
  )
  const recycles = history.events(span, about, new Set(['recycle']), 10_000)
  const strips = [...byTarget.values()].map((series) => stripOf(series, firstMs, stepMs, count, recycles))
  return c.json({ sinceMs: firstMs, untilMs: asked.untilMs, stepMs, strips })
}

/** Memory where it reaches that far: of 200 nodes the journal would hold the loop up for 90 ms. */
const stepsFrom = ({ live }: Ports, history: History, sinceMs: number): History =>
  live.recent.oldestMs() <= sinceMs ? live.recent : history

function stripOf(
  series: readonly StepsOf[],
  firstMs: number,
  stepMs: number,
  count: number,
  recycles: readonly FarmEvent[],
) {
  const { farm, target } = (series[0] as StepsOf).subject
  const cells: Step[][] = Array.from({ length: count }, () => [])
  for (const step of series.flatMap(({ steps }) => steps))
    cells[Math.floor((step.atMs - firstMs) / stepMs)]?.push(step)
  const failing = cells.map((steps) => mostFrequent(mergeReasons(steps)))
  return {
    farm,
    target,
    /** Per step, as are the two after it. */
    probes: cells.map((steps) => sum(steps, ({ probes }) => probes)),
    failures: cells.map((steps) => sum(steps, ({ failures }) => failures)),
    firstByteMaxMs: cells.map((steps) =>
      Math.round(Math.max(0, ...steps.map((step) => step.firstByteMs?.max ?? 0))),
    ),
    /** The most frequent failure, by the number of the step. */
    reasons: Object.fromEntries(failing.entries().filter(([, reason]) => reason !== undefined)),
    recycledAtMs: recycles
      .filter((event) => event.kind === 'recycle' && event.farm === farm && event.target === target)
      .map(({ atMs }) => atMs),
  }
}

const sum = (steps: readonly Step[], of: (step: Step) => number) =>
  steps.reduce((total, step) => total + of(step), 0)
