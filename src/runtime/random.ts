/** A source of chance: the next number in [0, 1). */
export type Random = () => number

/** Chance that nobody can reproduce. */
export const systemRandom: Random = Math.random

/**
 * A reproducible source of chance: the same seed gives the same numbers on every machine.
 * The generator is mulberry32: 32 bits of state, which is plenty for a simulation and far too little for a secret.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
