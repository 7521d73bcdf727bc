/** Places panels in Grafana's grid, which is 24 wide; a screen is about 28 high. */
import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Placeable } from './panel.ts'

const gridWidth = 24

/** Panels side by side, of one height. */
export interface PanelRow {
  readonly height: number
  readonly panels: readonly Placeable[]
  /** Their widths, which add up to 24; equal when absent. */
  readonly widths?: readonly number[]
}

/** Panels under a title, by which they can be folded. */
export interface Section {
  readonly id: number
  readonly title: string
  /** Folded at first, and not queried until it is opened. */
  readonly folded?: boolean
  readonly lines: readonly PanelRow[]
}

/** Gives each panel its place, from top to bottom. */
export function place(lines: readonly PanelRow[], sections: readonly Section[]): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = placed(lines, 0)
  let y = heightOf(lines)
  for (const { id, title, folded: collapsed = false, lines } of sections) {
    const gridPos = { h: 1, w: gridWidth, x: 0, y }
    // A title is one high; the panels of a folded one are placed as if it were open.
    const below = placed(lines, y + 1)
    panels.push({ type: 'row', id, title, collapsed, gridPos, panels: collapsed ? below : [] })
    if (!collapsed) panels.push(...below)
    y += 1 + heightOf(lines)
  }
  return panels
}

function placed(lines: readonly PanelRow[], top: number): Panel[] {
  let y = top
  return lines.flatMap(({ height, panels, widths }) => {
    let x = 0
    const row = panels.map((panel, index): Panel => {
      const w = widths?.[index] ?? gridWidth / panels.length
      const gridPos = { h: height, w, x, y }
      x += w
      return { ...panel, gridPos }
    })
    y += height
    return row
  })
}

const heightOf = (lines: readonly PanelRow[]) => lines.reduce((sum, { height }) => sum + height, 0)
