/** How well `explain` finds what really happened. */
import type { FoundIncident } from '../../src/iis/explain/found_incidents.ts'
import type { Cause } from '../../src/model/incident.ts'
import type { Kind, Trouble } from './fortnight.ts'

/** What an expert would say of it. */
const causeOf: Readonly<Record<Kind, readonly Cause[]>> = {
  cold: ['cold_start'],
  slow_page: ['timeout'],
  refused: ['node_down'],
  died: ['recycle'],
  cut_off: ['node_down'],
  tls: ['node_down'],
  none_healthy: ['balancer'],
  stale: ['stale_connection'],
  pool_stopped: ['node_down'],
  shut_down: ['recycle'],
}

export interface Score {
  readonly truth: number
  readonly found: number
  readonly recall: number
  readonly precision: number
  readonly node: number
  readonly cause: number
  readonly wrong: readonly string[]
}

const meets = (trouble: Trouble, { openedMs, closedMs }: FoundIncident) =>
  openedMs <= trouble.toMs + 2000 && closedMs >= trouble.fromMs - 2000

const share = (count: number, of: number) => (of === 0 ? 1 : count / of)

export function scoreOf(troubles: readonly Trouble[], found: readonly FoundIncident[]): Score {
  const pairs = troubles.flatMap((trouble) => {
    const incident = found.find((each) => meets(trouble, each))
    return incident === undefined ? [] : [{ trouble, incident }]
  })
  const right = pairs.map(({ trouble, incident }) => ({
    node: incident.node === trouble.node,
    cause: causeOf[trouble.kind].includes(incident.cause),
    said: `${trouble.kind} ${trouble.node} (${trouble.failed}): ${incident.node} ${incident.cause} ${incident.how}`,
  }))
  return {
    truth: troubles.length,
    found: found.length,
    recall: share(pairs.length, troubles.length),
    precision: share(found.filter((each) => troubles.some((one) => meets(one, each))).length, found.length),
    node: share(right.filter(({ node }) => node).length, right.length),
    cause: share(right.filter(({ cause }) => cause).length, right.length),
    wrong: right.filter(({ node, cause }) => !(node && cause)).map(({ said }) => said),
  }
}
