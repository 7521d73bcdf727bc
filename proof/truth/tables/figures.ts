/** Figures as the tables show them; a dash where one does not apply. */
export const dash = '–'

/** Three decimals, rounded down: 1 means all. */
export const formatShare = (share: number): string => {
  if (Number.isNaN(share)) return dash
  return share === 1 ? '1' : (Math.floor(share * 1000) / 1000).toFixed(3)
}

export const formatRatio = (part: number, of: number): string => (of === 0 ? dash : formatShare(part / of))

export const formatMs = (ms: number): string => (Number.isNaN(ms) ? dash : `${Math.round(ms)} ms`)

export const formatRate = (rate: number): string => {
  if (Number.isNaN(rate)) return dash
  return rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : String(Math.round(rate))
}

export const formatCount = (count: number): string => (count === 0 ? dash : String(count))

/** `12 of 15`; a dash of none. */
export const formatOf = (part: number, of: number): string => (of === 0 ? dash : `${part} of ${of}`)
