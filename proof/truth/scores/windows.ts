/** Windows of time, and which moment belongs to which of them, one to one. */

/** In wall milliseconds, both ends included. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Pairs each window with at most one moment inside it, and each moment with at most one window: as many pairs as
 * possible. The result has, for every window, the index of its moment.
 */
export function pairUp(windows: readonly Window[], moments: readonly number[]): (number | undefined)[] {
  const pairs: (number | undefined)[] = windows.map(() => undefined)
  const inTime = [...moments.keys()].sort((a, b) => (moments[a] as number) - (moments[b] as number))
  for (const moment of inTime) {
    const window = endingFirst(windows, pairs, moments[moment] as number)
    if (window !== undefined) pairs[window] = moment
  }
  return pairs
}

/** The free window around `atMs` that ends first: taking it leaves the most for other moments. */
function endingFirst(
  windows: readonly Window[],
  pairs: readonly (number | undefined)[],
  atMs: number,
): number | undefined {
  let best: number | undefined
  for (const [index, { fromMs, toMs }] of windows.entries()) {
    if (pairs[index] !== undefined || atMs < fromMs || atMs > toMs) continue
    if (best === undefined || toMs < (windows[best] as Window).toMs) best = index
  }
  return best
}

export const overlap = (a: Window, b: Window): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs

export const isIn = ({ fromMs, toMs }: Window, atMs: number): boolean => atMs >= fromMs && atMs <= toMs

/** The windows in the order of time, those that overlap or touch joined into one. */
export function joined(windows: readonly Window[]): Window[] {
  const result: Window[] = []
  for (const window of [...windows].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1)
    if (last === undefined || window.fromMs > last.toMs) result.push(window)
    else result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, window.toMs) }
  }
  return result
}
