/** The legend and the tooltip, the same on every graph. */
import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  type VizLegendOptions,
  type VizTooltipOptions,
} from '@grafana/grafana-foundation-sdk/common'

/** The columns of a legend with their titles, by which Grafana sorts. */
const columnTitles = { lastNotNull: 'Last *', max: 'Max', min: 'Min' } as const

export type Calculation = keyof typeof columnTitles

/** A table, so that many series scroll; sorted by its first column of numbers, the worst on top. */
export const tableLegend = (
  placement: 'bottom' | 'right',
  calcs: readonly [Calculation, ...Calculation[]],
): VizLegendOptions => ({
  displayMode: LegendDisplayMode.Table,
  placement: placement === 'right' ? LegendPlacement.Right : LegendPlacement.Bottom,
  showLegend: true,
  calcs: [...calcs],
  sortBy: columnTitles[calcs[0]],
  sortDesc: calcs[0] !== 'min',
})

export const allAtOnce: VizTooltipOptions = { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending }
