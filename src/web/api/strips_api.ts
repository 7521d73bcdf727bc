import type { Step, StepsOf } from '../../history/history.ts'
import type { FarmEvent } from '../../model/event.ts'
import type { Reason } from '../../model/outcome.ts'
import { farmNamed } from './named_targets.ts'
import { farm, since, target, until } from './parameters.ts'
import { type Route, readRoute } from './route.ts'
import { remembered, spanOf, stepLengthMs } from './spans.ts'

const hourMs = 3_600_000
/** Cells of a strip: as many as can be told apart on a phone. */
const mostCells = 60
const mostRecycles = 10_000

export const stripsApi: Route = readRoute({
  path: '/api/v1/strips',
  summary: 'How each minute went for each target; the last hour unless `since` says otherwise.',
  parameters: { since, until, farm, target },
  schema: 'strips',
  async answer(given, { ports, nowMs }) {
    if (given.farm !== undefined) farmNamed(ports, given.farm)
    const history = ports.history()
    const { recent } = ports.live
    const asked = spanOf(given, nowMs, nowMs - hourMs)
    const stepMs = stepLengthMs(asked, mostCells)
    const sinceMs = Math.floor(asked.sinceMs / stepMs) * stepMs
    const cells: Cells = { sinceMs, stepMs, count: Math.ceil((asked.untilMs - sinceMs) / stepMs) }
    const span = await remembered({ ...asked, sinceMs }, history)
    // Memory where it reaches that far: of 200 nodes the journal would block the event loop for 90 ms.
    const reachesThat = recent.oldestMs() <= sinceMs
    const steps = await (reachesThat ? recent : history).steps(span, given, stepMs)
    const recycles = await history.events(span, given, new Set(['recycle']), mostRecycles)
    const byTarget = Map.groupBy(steps, ({ subject }) => `${subject.farm}\n${subject.target}`)
    const strips = [...byTarget.values()].map((series) => stripOf(series, cells, recycles))
    return { ...asked, sinceMs, stepMs, strips }
  },
})

interface Cells {
  readonly sinceMs: number
  readonly stepMs: number
  readonly count: number
}

/** All checks of a target together. */
function stripOf(
  series: readonly StepsOf[],
  { sinceMs, stepMs, count }: Cells,
  recycles: readonly FarmEvent[],
) {
  const { farm, target } = (series[0] as StepsOf).subject
  const cells: Step[][] = Array.from({ length: count }, () => [])
  for (const step of series.flatMap(({ steps }) => steps))
    cells[Math.floor((step.atMs - sinceMs) / stepMs)]?.push(step)
  const mostFrequent = cells.entries().flatMap(([index, steps]): [number, Reason][] => {
    const reason = mostFrequentReason(steps)
    return reason === undefined ? [] : [[index, reason]]
  })
  return {
    farm,
    target,
    probes: cells.map((steps) => sum(steps.map(({ probes }) => probes))),
    failures: cells.map((steps) => sum(steps.map(({ failures }) => failures))),
    firstByteMaxMs: cells.map((steps) =>
      Math.round(Math.max(0, ...steps.map(({ firstByteMs }) => firstByteMs?.max ?? 0))),
    ),
    reasons: Object.fromEntries(mostFrequent),
    recycledAtMs: recycles
      .filter((event) => event.kind === 'recycle' && event.farm === farm && event.target === target)
      .map(({ atMs }) => atMs),
  }
}

function mostFrequentReason(steps: readonly Step[]): Reason | undefined {
  const counts = new Map<Reason, number>()
  for (const { reasons } of steps)
    for (const [reason, count] of Object.entries(reasons) as [Reason, number][])
      counts.set(reason, (counts.get(reason) ?? 0) + count)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
