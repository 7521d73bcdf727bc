/** Which owners of series a farm has, and what they cost: pure, so that `check` knows it before anything runs. */
import {
  balancerName,
  type Check,
  exporterPlaces,
  type Farm,
  type Target,
  targetsOf,
  throughTargetsOf,
} from '../model/farm.ts'
import { impacts, severalNodes } from '../model/incident.ts'
import type { Scope, Traits } from './metric_row.ts'
import { zeroCost } from './record_layout.ts'

export interface Owner {
  readonly scope: Scope
  readonly names: readonly string[]
  readonly traits: Traits
}

/** `none`: the answer named no node; `other`: it named one that is not of the farm. */
const servedByNobody = ['other', 'none'] as const

/** The owners of a farm's series; counters of owners with the same scope and names go on. */
export function ownersOf(farm: Farm): Owner[] {
  const owners: Owner[] = [
    { scope: 'farm', names: [farm.name], traits: {} },
    ...impacts.map((impact): Owner => ({ scope: 'impact', names: [farm.name, impact], traits: {} })),
  ]
  const crosschecked = new Set(exporterPlaces(farm).map(({ node }) => node))
  const linked = new Set(
    farm.checks.flatMap((check) => throughTargetsOf(farm, check).map(({ name }) => name)),
  )
  for (const target of targetsProbed(farm, crosschecked))
    owners.push(targetOwner(farm, target, crosschecked.has(target.name), linked.has(target.name)))
  const ofChecks = farm.checks.flatMap((check) => ownersOfCheck(farm, check))
  return [...owners, ...ofChecks, ...blamedOwners(farm)]
}

const probesBalancer = (check: Check) => check.targets.includes('balancer')

/** With nodes that are cross-checked, whether a check probes them or not. */
const targetsProbed = (farm: Farm, crosschecked: ReadonlySet<string>) =>
  new Set([
    ...farm.checks.flatMap((check) => targetsOf(farm, check)),
    ...farm.nodes.filter(({ name }) => crosschecked.has(name)),
  ])

function targetOwner(
  farm: Farm,
  { role, name, scheme }: Target,
  crosschecked: boolean,
  linked: boolean,
): Owner {
  const exporterRead = crosschecked && farm.crosscheck?.exporter === true
  const traits = { role, tls: scheme === 'https', crosschecked, exporterRead, linked }
  return { scope: 'target', names: [farm.name, role, name], traits }
}

function ownersOfCheck(farm: Farm, check: Check): Owner[] {
  const lane = check.canary ? 'canary' : 'tick'
  const auth = check.windowsAuth ? 'handshake' : check.authorization === undefined ? undefined : 'header'
  const owners: Owner[] = [{ scope: 'check', names: [farm.name, check.name], traits: {} }]
  for (const { role, name } of [...targetsOf(farm, check), ...throughTargetsOf(farm, check)])
    owners.push({
      scope: 'subject',
      names: [farm.name, role, name, check.name],
      traits: { role, lane, ...(auth && { auth }) },
    })
  if (farm.servedBy !== undefined && probesBalancer(check))
    for (const node of [...farm.nodes.map(({ name }) => name), ...servedByNobody])
      owners.push({ scope: 'served', names: [farm.name, check.name, node], traits: {} })
  return owners
}

function blamedOwners(farm: Farm): Owner[] {
  const canFail = farm.checks.some(probesBalancer)
  const blamed = (node: string, kind: NonNullable<Traits['blamed']>): Owner => ({
    scope: 'blamed',
    names: [farm.name, node],
    traits: canFail ? { blamed: kind } : {},
  })
  const nodes = farm.nodes.map(({ name }) => blamed(name, 'node'))
  const others = [blamed(balancerName, 'balancer'), blamed('unknown', 'unknown')]
  return [...nodes, ...others, blamed(severalNodes, 'several')]
}

/** How many series a farm adds to /metrics before anything happened; bursts, sweeps and rare errors add a few more. */
export function seriesCost(farm: Farm): number {
  return ownersOf(farm).reduce((cost, { scope, traits }) => cost + zeroCost(scope, traits), 0)
}
