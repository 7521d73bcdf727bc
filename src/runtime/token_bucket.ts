/** A rate limit: `burst` tokens at once, and in the long run one every `intervalMs`. */
export interface Rate {
  readonly intervalMs: number
  readonly burst: number
}

/** The tokens that were left at `atMs`, in milliseconds of the clock that `nowMs` of `takeTokens` is read from. */
export interface TokenBucket {
  readonly tokens: number
  readonly atMs: number
}

/** A bucket from which nothing has been taken. */
export const fullBucket = ({ burst }: Rate): TokenBucket => ({
  tokens: burst,
  atMs: Number.NEGATIVE_INFINITY,
})

/** Takes up to `wanted` whole tokens: how many there were, and the bucket that is left. */
export function takeTokens(
  { tokens, atMs }: TokenBucket,
  wanted: number,
  { intervalMs, burst }: Rate,
  nowMs: number,
): { readonly taken: number; readonly bucket: TokenBucket } {
  const present = Math.min(burst, tokens + Math.max(0, nowMs - atMs) / intervalMs)
  const taken = Math.min(wanted, Math.floor(present))
  return { taken, bucket: { tokens: present - taken, atMs: nowMs } }
}
