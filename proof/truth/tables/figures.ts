/** Figures as the tables show them; what does not apply is a dash. */
export const dash = '–'

/** Three decimals, and never 1.000 for what is less. */
export const shownShare = (share: number): string => {
  if (Number.isNaN(share)) return dash
  return share === 1 ? '1' : (Math.floor(share * 1000) / 1000).toFixed(3)
}

export const shownRatio = (part: number, of: number): string => (of === 0 ? dash : shownShare(part / of))

export const shownMs = (ms: number): string => (Number.isNaN(ms) ? dash : `${Math.round(ms)} ms`)

export const shownRate = (rate: number): string => {
  if (Number.isNaN(rate)) return dash
  return rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : String(Math.round(rate))
}

export const shownCount = (count: number): string => (count === 0 ? dash : String(count))

/** `12 of 15`; a dash of none. */
export const shownOf = (part: number, of: number): string => (of === 0 ? dash : `${part} of ${of}`)
