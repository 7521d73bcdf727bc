/** What the rules ask of a machine: which of its parts serve what. */

import type { Pool } from '../read/app_pool.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/printable.ts'
import type { Application } from '../read/site.ts'
import type { Warmup } from '../read/warmup.ts'
import type { WebFarm } from '../read/web_farm.ts'
import type { Found, Rule } from './finding.ts'

/** A pool that serves something, and what it serves; no application is listed twice. */
export interface UsedPool {
  readonly pool: Pool
  readonly applications: readonly Application[]
}

/** A machine with web farms is a balancer; any other is a node behind one. */
export const isBalancer = ({ farms }: Machine): boolean => farms.some(({ servers }) => servers.length > 0)

/** Every pool with an application, in the order of the file. Pools nobody uses do no harm. */
export const usedPools = remembered((machine: Machine): readonly UsedPool[] => {
  const byPool = Map.groupBy(
    machine.sites.flatMap((site) => site.applications),
    (application) => poolOf(machine, application),
  )
  return machine.pools.flatMap((pool) => {
    const applications = byPool.get(pool)
    return applications === undefined ? [] : [{ pool, applications }]
  })
})

/** IIS compares names without regard to case. */
export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const poolsByName = remembered(
  ({ pools }: Machine) => new Map(pools.toReversed().map((pool) => [pool.name.toLowerCase(), pool])),
)

export const poolOf = (machine: Machine, application: Application): Pool | undefined =>
  poolsByName(machine).get(application.pool.value.toLowerCase())

/** Every rule asks the same of a machine, and there may be thousands of pools. */
function remembered<T>(make: (machine: Machine) => T): (machine: Machine) => T {
  const known = new WeakMap<Machine, { readonly made: T }>()
  return (machine) => {
    const found = known.get(machine) ?? { made: make(machine) }
    known.set(machine, found)
    return found.made
  }
}

export const warmupOf = ({ warmups }: Machine, { id }: Application): Warmup | undefined => warmups.get(id)

/** Looks at each pool in use on every node. */
export const onNodePools =
  (look: (used: UsedPool, machine: Machine) => readonly Found[]): Rule['look'] =>
  (machines) =>
    machines
      .filter((machine) => !isBalancer(machine))
      .flatMap((machine) => usedPools(machine).flatMap((used) => look(used, machine)))

/** Looks at each pool in use on every machine with web farms: these are the pools that ARR itself runs in. */
export const onBalancerPools =
  (look: (used: UsedPool, machine: Machine) => readonly Found[]): Rule['look'] =>
  (machines) =>
    machines
      .filter(isBalancer)
      .flatMap((machine) => usedPools(machine).flatMap((used) => look(used, machine)))

/** Looks at each application on every node. */
export const onApplications =
  (look: (application: Application, warmup: Warmup, machine: Machine) => readonly Found[]): Rule['look'] =>
  (machines) =>
    machines
      .filter((machine) => !isBalancer(machine))
      .flatMap((machine) =>
        machine.sites
          .flatMap(({ applications }) => applications)
          .flatMap((application) => {
            const warmup = warmupOf(machine, application)
            return warmup === undefined ? [] : look(application, warmup, machine)
          }),
      )

/** Looks at each web farm that is in use. */
export const onFarms =
  (look: (farm: WebFarm) => readonly Found[]): Rule['look'] =>
  (machines) =>
    machines.flatMap((machine) =>
      machine.farms.filter(({ enabled, servers }) => enabled.value && servers.length > 0).flatMap(look),
    )

export const poolSubject = (pool: Pool): string => `pool ${quoted(pool.name)}`
export const applicationSubject = ({ id }: Application): string => `application ${quoted(id)}`
export const farmSubject = ({ name }: WebFarm): string => `web farm ${quoted(name)}`
