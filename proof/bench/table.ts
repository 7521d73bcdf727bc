/** One line of the report: a figure, and where it has one, its goal. */
export interface Row {
  readonly what: string
  readonly measured: string
  /** Absent for a figure that is only there to compare with. */
  readonly goal?: { readonly text: string; readonly met: boolean }
}

/** A figure that has to stay at or below its goal. */
export function atMost(what: string, value: number, goal: number, show: (value: number) => string): Row {
  return { what, measured: show(value), goal: { text: `<= ${show(goal)}`, met: value <= goal } }
}

/** A figure that has to reach its goal. */
export function atLeast(what: string, value: number, goal: number, show: (value: number) => string): Row {
  return { what, measured: show(value), goal: { text: `>= ${show(goal)}`, met: value >= goal } }
}

/** The report as aligned columns under a heading. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.what, row.measured, row.goal?.text ?? '', verdict(row)])
  const lines = [['what', 'measured', 'goal', 'verdict'], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [text[0], rule, ...text.slice(1)].map((line) => line?.trimEnd()).join('\n')
}

function verdict({ goal }: Row): string {
  if (goal === undefined) return ''
  return goal.met ? 'met' : 'NOT MET'
}
