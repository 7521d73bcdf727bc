/** All farms as they are now, the worst first. */
import { conditionOf, type FarmCondition, farmCondition } from './condition.ts'
import { type FarmState, type PageState, type TargetState, targetKey } from './page_state.ts'

export interface FarmNow {
  readonly farm: FarmState
  /** The balancer first. */
  readonly targets: readonly TargetState[]
  readonly condition: FarmCondition
}

export function farmsNow(state: PageState): FarmNow[] {
  return state.farms
    .map((farm) => {
      const targets = farm.targets.flatMap(
        ({ target }) => state.targets.get(targetKey(farm.name, target)) ?? [],
      )
      return { farm, targets, condition: farmCondition(farm, targets) }
    })
    .sort((a, b) => b.condition.severity - a.condition.severity)
}

/** Whether users get errors, or a node fails. */
export const isTroubled = ({ condition: { tone } }: FarmNow): boolean => tone === 'bad' || tone === 'slow'

export const nodesOf = ({ targets }: FarmNow): TargetState[] => targets.filter(({ role }) => role === 'node')

export const failingNodes = (farm: FarmNow): TargetState[] =>
  nodesOf(farm).filter((node) => conditionOf(node).tone === 'bad')
