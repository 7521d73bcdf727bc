import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { byThreshold } from './colours.ts'
import { allAtOnce } from './legend.ts'
import { built, fill, type PanelSpec, type Placeable } from './panel.ts'

/** A strip of states for each series, equal neighbours joined; more than 20 strips go to further pages. */
export function timeline(spec: PanelSpec): Placeable {
  const builder = new PanelBuilder()
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.9)
    .perPage(20)
    .lineWidth(0)
    .fillOpacity(80)
    .tooltip(built(allAtOnce))
  return fill(builder, { color: byThreshold, ...spec })
}
