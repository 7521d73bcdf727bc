/** Keeps the first bytes of a stream in one growing buffer, however many tiny pieces they come in. */
export interface Collector {
  /** Copies what still fits; the piece may be overwritten afterwards. */
  add(piece: Buffer): void
  whole(): Buffer
}

const nothing = Buffer.alloc(0)

export function createCollector(limit: number): Collector {
  let kept = nothing
  let length = 0
  return {
    add(piece) {
      const wanted = Math.min(limit, length + piece.length)
      if (wanted > kept.length) {
        const larger = Buffer.allocUnsafe(length === 0 ? wanted : Math.min(limit, wanted * 2))
        kept.copy(larger, 0, 0, length)
        kept = larger
      }
      length += piece.copy(kept, length, 0, wanted - length)
    },
    whole: () => kept.subarray(0, length),
  }
}
