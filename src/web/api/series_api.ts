import type { Step } from '../../history/history.ts'
import { rounded } from '../live/brief_probe.ts'
import { seriesNamed } from './named_targets.ts'
import { check, farm, since, target, until } from './parameters.ts'
import { type Route, readRoute } from './route.ts'
import { remembered, spanOf, stepLengthMs } from './spans.ts'

const hourMs = 3_600_000
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

const stepView = ({ atMs, probes, failures, reasons, firstByteMs, phaseMs }: Step) => ({
  atMs,
  probes,
  failures,
  reasons,
  firstByteMs: firstByteMs === undefined ? null : quantilesView(firstByteMs),
  phaseMs: phaseMs === undefined ? null : phasesView(phaseMs),
})

const quantilesView = ({ p50, p95, max }: NonNullable<Step['firstByteMs']>) => ({
  p50: rounded(p50),
  p95: rounded(p95),
  max: rounded(max),
})

const phasesView = (phaseMs: NonNullable<Step['phaseMs']>) =>
  Object.fromEntries(Object.entries(phaseMs).map(([phase, ms]) => [phase, rounded(ms)]))
