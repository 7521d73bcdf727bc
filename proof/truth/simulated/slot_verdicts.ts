/**
 * The right verdict of every slot, by what the probes of that slot met, however late they ended. A node that kept its own
 * probe waiting for longer than the balancer waits is at fault when the balancer fails.
 */
import { type Verdict, verdicts } from '../../../src/model/event.ts'
import { balancerName } from '../../../src/model/farm.ts'
import { type Outcome, proofOf } from '../../../src/model/outcome.ts'

export interface SlotVerdicts {
  /** Takes in one outcome of the tick lane, in the order in which they were started. */
  note(outcome: Outcome): void
  /** Milliseconds in each verdict, all checks together, until `endMs`. */
  until(endMs: number): Record<Verdict, number>
}

interface CheckState {
  slotMs: number
  readonly targets: Map<string, 'fine' | 'slow' | 'failing'>
}

/** `patienceMs`: how long the balancer waits for a node. */
export function createSlotVerdicts(patienceMs: number): SlotVerdicts {
  const checks = new Map<string, CheckState>()
  const spentMs = noTime()
  const close = (state: CheckState, untilMs: number) => {
    spentMs[verdictOf(state)] += untilMs - state.slotMs
    state.slotMs = untilMs
  }
  return {
    note(outcome) {
      const { check, slotMs, target, reason, totalMs } = outcome
      let state = checks.get(check)
      if (state === undefined) {
        state = { slotMs, targets: new Map() }
        checks.set(check, state)
      }
      if (slotMs > state.slotMs) close(state, slotMs)
      // The failure may be the prober's own: the target counts as before.
      if (proofOf(outcome) === 'nothing') return
      const slow = totalMs > patienceMs ? 'slow' : 'fine'
      state.targets.set(target, reason === 'ok' ? slow : 'failing')
    },
    until(endMs) {
      for (const state of checks.values()) close(state, Math.max(endMs, state.slotMs))
      return { ...spentMs }
    },
  }
}

function verdictOf({ targets }: CheckState): Verdict {
  const nodes = [...targets].filter(([target]) => target !== balancerName).map(([, how]) => how)
  const down = nodes.filter((how) => how === 'failing').length
  if (targets.get(balancerName) !== 'failing') return down > 0 ? 'masked' : 'ok'
  if (down === nodes.length) return 'farm_down'
  return down > 0 || nodes.includes('slow') ? 'node_fault' : 'balancer_fault'
}

export const noTime = (): Record<Verdict, number> =>
  Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>
