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

/** Rows under a title that are folded at first, and not queried until they are opened. */
export interface Fold {
  readonly id: number
  readonly title: string
  readonly lines: readonly PanelRow[]
}

/** Gives each panel its place, from top to bottom. */
export function place(lines: readonly PanelRow[], folds: readonly Fold[] = []): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = placed(lines, 0)
  let y = heightOf(lines)
  for (const fold of folds) {
    panels.push(folded(fold, y))
    // A folded row is one high; its panels are placed as if it were open.
    y += 1 + heightOf(fold.lines)
  }
  return panels
}

function folded({ id, title, lines }: Fold, y: number): RowPanel {
  return {
    type: 'row',
    id,
    title,
    collapsed: true,
    gridPos: { h: 1, w: gridWidth, x: 0, y },
    panels: placed(lines, y + 1),
  }
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
