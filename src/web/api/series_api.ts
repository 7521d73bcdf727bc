import { failuresByReason, firstByteTimes, meanPhases } from '../../history/rollup.ts'
import type { Step } from '../../history/steps.ts'
import { hourMs } from '../../runtime/duration.ts'
import { rounded } from '../live/brief_probe.ts'
import { seriesNamed } from './named_targets.ts'
import { check, farm, since, target, until } from './parameters.ts'
import { type Route, readRoute } from './route.ts'
import { remembered, spanOf, stepLengthMs } from './spans.ts'

/** Steps of a chart: about one for every other pixel. */
const mostSteps = 400

export const seriesApi: Route = readRoute({
  path: '/api/v1/series',
  summary:
    'One target and check over time: `farm` and `target` are needed; the last hour unless `since` says otherwise.',
  parameters: { farm, target, check, since, until },
  schema: 'series',
  async answer(given, { ports, nowMs }) {
    const subject = seriesNamed(given, ports)
    const history = ports.history()
    const asked = spanOf(given, nowMs, nowMs - hourMs)
    const { sinceMs, untilMs } = await remembered(asked, history)
    const stepMs = stepLengthMs({ sinceMs, untilMs }, mostSteps)
    const span = { sinceMs: Math.floor(sinceMs / stepMs) * stepMs, untilMs }
    const found = await history.steps(span, subject, stepMs)
    const baseline = ports
      .readings(subject.farm)
      ?.baselines.find((each) => each.target === subject.target && each.check === subject.check)
    return {
      ...subject,
      ...asked,
      stepMs,
      baselineMs: baseline === undefined ? null : rounded(baseline.baselineMs),
      highMs: baseline === undefined ? null : rounded(baseline.highMs),
      steps: found.flatMap(({ steps }) => steps.map(stepView)),
      probes: ports.live.recent.probes(subject, asked),
    }
  },
})

function stepView(step: Step) {
  const { atMs, probes, failures } = step
  const times = firstByteTimes(step)
  const phases = meanPhases(step)
  return {
    atMs,
    probes,
    failures,
    reasons: failuresByReason(step),
    firstByteMs: times ? { p50: rounded(times.p50), p95: rounded(times.p95), max: rounded(times.max) } : null,
    phaseMs: phases
      ? Object.fromEntries(Object.entries(phases).map(([phase, ms]) => [phase, rounded(ms)]))
      : null,
  }
}
