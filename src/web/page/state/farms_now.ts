/** All farms as they are now, the worst first. */
import { conditionOf, type FarmCondition, farmCondition } from './condition.ts'
import { type Incident, isOpen, worstFirst } from './known_incidents.ts'
import { type FarmState, type PageState, type TargetState, targetKey } from './page_state.ts'
import { now } from './server_clock.ts'

export interface FarmNow {
  readonly farm: FarmState
  /** The balancer first. */
  readonly targets: readonly TargetState[]
  readonly condition: FarmCondition
  /** The incident that is open. */
  readonly incident: Incident | undefined
  /** It has one, or had one within the last hour. */
  readonly isRecent: boolean
}

/** A farm whose last incident is no older is shown whole. */
const recentMs = 3_600_000

export function farmsNow(state: PageState): FarmNow[] {
  return state.farms
    .map((farm) => {
      const targets = farm.targets.flatMap(
        ({ target }) => state.targets.get(targetKey(farm.name, target)) ?? [],
      )
      const own = state.incidents.filter((each) => each.farm === farm.name)
      const incident = own.filter(isOpen).sort(worstFirst)[0]
      const isRecent = own.some(({ closedMs }) => closedMs === null || closedMs > now() - recentMs)
      const condition = sinceEndOf(own, farmCondition(farm, targets, incident))
      return { farm, targets, condition, incident, isRecent }
    })
    .sort(byHarm)
}

/** Some errors make an incident and no other verdict: all is well since the last one ended at the earliest. */
function sinceEndOf(incidents: readonly Incident[], condition: FarmCondition): FarmCondition {
  if (condition.verdict !== 'ok' || condition.sinceMs === undefined) return condition
  let { sinceMs } = condition
  for (const { closedMs } of incidents) sinceMs = Math.max(sinceMs, closedMs ?? 0)
  return { ...condition, sinceMs }
}

function byHarm(a: FarmNow, b: FarmNow): number {
  const severity = b.condition.severity - a.condition.severity
  if (severity !== 0) return severity
  if (a.incident !== undefined && b.incident !== undefined) return worstFirst(a.incident, b.incident)
  return Number(b.incident !== undefined) - Number(a.incident !== undefined)
}

/** Whether users get errors, a node fails, or one of both was so just now. */
export const isTroubled = ({ condition: { tone }, incident }: FarmNow): boolean =>
  tone === 'bad' || tone === 'slow' || incident !== undefined

/** The state of a farm in trouble, with its name. */
export const troubleSentence = ({ farm, condition, incident }: FarmNow): string =>
  incident !== undefined && condition.tone === 'ok'
    ? `${farm.name}: just now nothing fails, but its incident is not over yet.`
    : `${farm.name}: ${condition.words}.`

export const nodesOf = ({ targets }: FarmNow): TargetState[] => targets.filter(({ role }) => role === 'node')

export const failingNodes = (farm: FarmNow): TargetState[] =>
  nodesOf(farm).filter((node) => conditionOf(node).tone === 'bad')
