/** Single numbers: large ones at the top of a dashboard, or a short ranking. */

import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  type ReduceDataOptions,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { byThreshold, colours, steps } from './colours.ts'
import { built, fill, type PanelSpec, type Placeable } from './panel.ts'

const last: ReduceDataOptions = { values: false, calcs: ['lastNotNull'], fields: '' }

/** One number, its colour from its thresholds. */
export function number(spec: PanelSpec): Placeable {
  const builder = new StatBuilder()
    .reduceOptions(built(last))
    .colorMode(BigValueColorMode.Value)
    .graphMode(sparkline(spec) ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .textMode(BigValueTextMode.Value)
  return fill(builder, { color: byThreshold, thresholds: steps(colours.faint), ...spec })
}

interface TilesSpec extends PanelSpec {
  /** The tile shows the name alone. */
  readonly nameOnly?: boolean
}

/** A tile for each series, with its name, filled with the colour of its state. */
export function tiles(spec: TilesSpec): Placeable {
  const builder = new StatBuilder()
    .reduceOptions(built(last))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .textMode(spec.nameOnly ? BigValueTextMode.Name : BigValueTextMode.ValueAndName)
  return fill(builder, { color: byThreshold, ...spec })
}

/** A bar for each series, its name above it. */
export function ranking(spec: PanelSpec): Placeable {
  const builder = new BarGaugeBuilder()
    .reduceOptions(built(last))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .namePlacement(BarGaugeNamePlacement.Left)
    .valueMode(BarGaugeValueMode.Text)
    .showUnfilled(false)
    .minVizHeight(16)
    .maxVizHeight(24)
  return fill(builder, { color: byThreshold, min: 0, ...spec })
}

const sparkline = ({ queries }: PanelSpec) => queries.every(({ as = 'range' }) => as === 'range')
