import { HeatmapCellLayout, TooltipDisplayMode, VisibilityMode } from '@grafana/grafana-foundation-sdk/common'
import { HeatmapColorMode, HeatmapColorScale, PanelBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { built, fill, type PanelSpec, type Placeable } from './panel.ts'

/** The columns of a histogram's buckets over time; empty cells stay dark. The unit is that of the buckets. */
export function heatmap(spec: PanelSpec): Placeable {
  const builder = new PanelBuilder()
    .calculate(false)
    .rowsFrame(built({ layout: HeatmapCellLayout.Auto }))
    .yAxis(built({ unit: spec.unit }))
    .cellValues(built({ unit: 'short', decimals: 0 }))
    .color(
      built({
        mode: HeatmapColorMode.Scheme,
        scheme: 'Oranges',
        fill: 'dark-orange',
        scale: HeatmapColorScale.Exponential,
        exponent: 0.5,
        steps: 64,
        reverse: false,
      }),
    )
    // `increase()` extrapolates: a cell of less than a tenth comes from a window that only touches an event.
    .filterValues(built({ le: 0.1 }))
    .showValue(VisibilityMode.Never)
    .cellGap(1)
    .tooltip(built({ mode: TooltipDisplayMode.Single, yHistogram: true, showColorScale: true }))
  return fill(builder, { step: '1m', ...spec })
}
