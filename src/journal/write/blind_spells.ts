/** Times in which a farm's probes were suspect, because our own event loop was late. */
import { endedMs, isSuspect, type Outcome } from '../../model/outcome.ts'
import type { Blind } from '../note.ts'

interface Spell {
  readonly fromMs: number
  readonly toMs: number
}

/** Call it with each outcome; it returns a blind time when that is over. */
export function createBlindSpells(): (outcome: Outcome) => Blind | undefined {
  const spells = new Map<string, Spell>()
  return (outcome) => {
    const { farm, startedMs } = outcome
    const spell = spells.get(farm)
    if (isSuspect(outcome)) {
      const fromMs = Math.min(spell?.fromMs ?? startedMs, startedMs)
      spells.set(farm, { fromMs, toMs: Math.max(spell?.toMs ?? 0, endedMs(outcome)) })
      return undefined
    }
    if (spell === undefined || startedMs < spell.toMs) return undefined
    spells.delete(farm)
    return { kind: 'blind', atMs: spell.fromMs, untilMs: spell.toMs, farm, why: 'late' }
  }
}
