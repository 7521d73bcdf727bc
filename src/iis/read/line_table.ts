/** Line and column, both from 1, of an offset into a text. */
export type LineOf = (offset: number) => { readonly line: number; readonly column: number }

/** Lines end with CRLF, LF or a lone CR. */
export function lineTable(text: string): LineOf {
  const starts = [0]
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
