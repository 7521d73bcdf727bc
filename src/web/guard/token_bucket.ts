import type { Clock } from '../../runtime/clock.ts'

/** Lets requests through: `burst` at once, and in the long run one every `intervalMs`. */
export interface TokenBucket {
  take(): boolean
}

export function createTokenBucket(
  { intervalMs, burst }: { intervalMs: number; burst: number },
  clock: Clock,
): TokenBucket {
  let tokens = burst
  let filledMs = clock.monotonicMs()
  return {
    take() {
      const nowMs = clock.monotonicMs()
      tokens = Math.min(burst, tokens + (nowMs - filledMs) / intervalMs)
      filledMs = nowMs
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
