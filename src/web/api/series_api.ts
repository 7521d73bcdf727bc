import type { Context } from 'hono'
import { rounded } from '../live/brief_probe.ts'
import type { Step } from '../past.ts'
import type { Ports } from '../web_ports.ts'
import { known, seriesOf, spanOf } from './query_parameters.ts'
import { fittingStepMs } from './step_length.ts'

const hourMs = 3_600_000
/** Steps of a chart: about one for every other pixel. */
const mostSteps = 400

/**
 * `GET /api/v1/series?farm=&target=&check=&since=1h&until=`: one target and check over time, in steps, and every single
 * probe of the last minutes.
 */
export function seriesApi(c: Context, ports: Ports, nowMs: number): Response {
  const subject = seriesOf(c, ports)
  const history = ports.history()
  const asked = spanOf(c, nowMs, nowMs - hourMs)
  const remembered = known(asked, history)
  const stepMs = fittingStepMs(remembered, mostSteps)
  const span = { ...asked, sinceMs: Math.floor(remembered.sinceMs / stepMs) * stepMs }
  const steps = history.steps(span, subject, stepMs).flatMap((series) => series.steps)
  const baseline = ports
    .readings(subject.farm)
    ?.baselines.find(({ target, check }) => target === subject.target && check === subject.check)
  return c.json({
    ...subject,
    ...asked,
    stepMs,
    baselineMs: baseline === undefined ? null : rounded(baseline.baselineMs),
    highMs: baseline === undefined ? null : rounded(baseline.highMs),
    steps: steps.map(stepView),
    probes: ports.live.recent.probes(subject, asked),
  })
}

/** Field by field: a journal knows more of a step than the API promises. */
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
