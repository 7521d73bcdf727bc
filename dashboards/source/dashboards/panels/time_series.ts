/** Graphs over time: lines for levels, bars for counts. */
import {
  GraphDrawStyle,
  GraphThresholdsStyleMode,
  ScaleDistribution,
  StackingMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { byName } from './colours.ts'
import { allAtOnce, type Calculation, tableLegend } from './legend.ts'
import { built, fill, type PanelSpec, type Placeable } from './panel.ts'

/** Gaps up to this long, in milliseconds, are bridged: checks may be rarer than scrapes. */
const bridgedMs = 300_000

type Calculations = readonly [Calculation, ...Calculation[]]

interface LinesSpec extends PanelSpec {
  /** Fill and add up; for shares of a whole. */
  readonly stacked?: boolean
  /** For values from milliseconds to minutes. */
  readonly logarithmic?: boolean
  /** Which numbers the legend shows: by default the last one and the highest. */
  readonly calcs?: Calculations
  readonly legend?: 'bottom' | 'right'
}

/** Lines, with gaps where nothing was measured for minutes. */
export function lines(spec: LinesSpec): Placeable {
  const builder = graph(spec, spec.calcs ?? ['max', 'lastNotNull'])
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(spec.stacked ? 40 : 5)
    .showPoints(VisibilityMode.Auto)
  if (spec.stacked) builder.stacking(built({ mode: StackingMode.Normal, group: 'A' }))
  if (spec.logarithmic) builder.scaleDistribution(built({ type: ScaleDistribution.Log, log: 10 }))
  return fill(builder, { color: byName, ...spec })
}

interface BarsSpec extends PanelSpec {
  readonly legend?: 'bottom' | 'right'
}

/**
 * Stacked bars of counts, at most one a minute: most counts are rare, and a bar of some seconds would be too thin to see.
 */
export function bars(spec: BarsSpec): Placeable {
  const builder = graph(spec, ['max'])
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(built({ mode: StackingMode.Normal, group: 'A' }))
    .axisSoftMax(1)
  return fill(builder, { color: byName, step: '1m', decimals: 0, ...spec })
}

/** Events too rare for a line: a point each. */
export function points(spec: LinesSpec): Placeable {
  const builder = graph(spec, spec.calcs ?? ['max', 'lastNotNull'])
    .drawStyle(GraphDrawStyle.Points)
    .pointSize(7)
    .showPoints(VisibilityMode.Always)
  if (spec.logarithmic) builder.scaleDistribution(built({ type: ScaleDistribution.Log, log: 10 }))
  return fill(builder, { color: byName, step: '1m', ...spec })
}

function graph(spec: LinesSpec | BarsSpec, calcs: Calculations): PanelBuilder {
  const builder = new PanelBuilder()
    .legend(built(tableLegend(spec.legend ?? 'bottom', calcs)))
    .tooltip(built(allAtOnce))
    .spanNulls(bridgedMs)
  return spec.thresholds ? builder.thresholdsStyle(built({ mode: GraphThresholdsStyleMode.Dashed })) : builder
}

/** A dashed grey line: what is normal, for comparison. */
export const asReference = {
  'custom.lineStyle': { fill: 'dash', dash: [8, 8] },
  'custom.fillOpacity': 0,
  'custom.drawStyle': GraphDrawStyle.Line,
  color: { mode: 'fixed', fixedColor: 'text' },
} as const

/** Bars that point down, to compare with those that point up. */
export const hanging = {
  'custom.transform': 'negative-Y',
  'custom.stacking': { mode: 'normal', group: 'B' },
} as const
