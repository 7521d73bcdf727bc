/** The parts of machines that rules examine, and the findings about their settings. */
import type { Pool } from '../read/app_pool.ts'
import type { Machine } from '../read/machine.ts'
import { printable, quoted } from '../read/remark.ts'
import { attributeName, originText, type Setting } from '../read/setting.ts'
import type { Application, Site } from '../read/site.ts'
import type { Warmup } from '../read/warmup.ts'
import type { WebFarm } from '../read/web_farm.ts'
import {
  setApplication,
  setFarm,
  setPool,
  setPoolDefaults,
  setSite,
  setSiteDefaults,
  withNote,
} from './cure_commands.ts'
import type { Found, Mend, Rule } from './finding.ts'
import { frontSites, isBalancer } from './roles.ts'

/** A pool that serves something, and what it serves; no application is listed twice. */
interface UsedPool {
  readonly pool: Pool
  readonly applications: readonly Application[]
}

export const isNode = (machine: Machine): boolean => !isBalancer(machine)

const fronts = remembered((machine: Machine): ReadonlySet<Site> => new Set(frontSites(machine)))

/** The sites that answer users themselves. */
export const nodeSites = (machine: Machine): readonly Site[] =>
  machine.sites.filter((site) => !fronts(machine).has(site))

/** Every application that runs here. */
export const applicationsOf = (machine: Machine): Application[] =>
  nodeSites(machine).flatMap(({ applications }) => applications)

/** Every application whose requests ARR passes on. */
export const frontApplicationsOf = (machine: Machine): Application[] =>
  [...fronts(machine)].flatMap(({ applications }) => applications)

/** Every pool with an application that runs here, in the order of the file. Pools nobody uses do no harm. */
export const usedPools = remembered((machine: Machine): readonly UsedPool[] => {
  // Without any site the file is a part of one that has them.
  if (machine.sites.length === 0) return machine.pools.map((pool) => ({ pool, applications: [] }))
  return poolsWith(applicationsOf(machine), machine)
})

/** The pools that run ARR itself. */
export const frontPools = remembered((machine: Machine): readonly UsedPool[] =>
  poolsWith(frontApplicationsOf(machine), machine),
)

function poolsWith(applications: readonly Application[], machine: Machine): UsedPool[] {
  const byPool = Map.groupBy(applications, (application) => poolOf(machine, application))
  return machine.pools.flatMap((pool) => {
    const own = byPool.get(pool)
    return own === undefined ? [] : [{ pool, applications: own }]
  })
}

const poolsByName = remembered(
  ({ pools }: Machine) => new Map(pools.toReversed().map((pool) => [pool.name.toLowerCase(), pool])),
)

export const poolOf = (machine: Machine, application: Application): Pool | undefined =>
  poolsByName(machine).get(application.pool.value.toLowerCase())

/** Caches by machine: every rule needs the same, and there may be thousands of pools. */
function remembered<T>(make: (machine: Machine) => T): (machine: Machine) => T {
  const known = new WeakMap<Machine, { readonly made: T }>()
  return (machine) => {
    const found = known.get(machine) ?? { made: make(machine) }
    known.set(machine, found)
    return found.made
  }
}

/** What a rule says of one thing: `false` where it finds nothing. */
type Say = Found | readonly Found[] | false

const founds = (said: readonly Say[]): Found[] => said.filter((each) => each !== false).flat()

/** Examines each pool of every machine: those of applications, or `frontPools`, which run ARR itself. */
export const onPools =
  (look: (used: UsedPool, machine: Machine) => Say, poolsOf = usedPools): Rule['look'] =>
  (machines) =>
    founds(machines.flatMap((machine) => poolsOf(machine).map((used) => look(used, machine))))

export const onApplications =
  (look: (application: Application, warmup: Warmup, machine: Machine) => Say): Rule['look'] =>
  (machines) =>
    founds(
      machines.flatMap((machine) =>
        applicationsOf(machine).map((application) => {
          const warmup = machine.warmups.get(application.id)
          return warmup !== undefined && look(application, warmup, machine)
        }),
      ),
    )

/** Examines each site: those that answer users themselves, unless others are named. */
export const onSites =
  (
    look: (site: Site, machine: Machine) => Say,
    sitesOf: (machine: Machine) => readonly Site[] = nodeSites,
  ): Rule['look'] =>
  (machines) =>
    founds(machines.flatMap((machine) => sitesOf(machine).map((site) => look(site, machine))))

/** Examines each web farm that is in use. */
export const onFarms =
  (look: (farm: WebFarm, machine: Machine) => Say): Rule['look'] =>
  (machines) =>
    founds(
      machines.flatMap((machine) =>
        machine.farms
          .filter(({ enabled, servers }) => enabled.value && servers.length > 0)
          .map((farm) => look(farm, machine)),
      ),
    )

/** The servers of a web farm that get requests. */
export const inUse = ({ servers }: WebFarm) => servers.filter(({ enabled }) => enabled.value)

/** Something with settings that a command can change. */
export interface Thing {
  /** `pool "intranet"`. */
  readonly subject: string
  readonly set: (setting: string, value: string) => Mend
  /** Sets what all such things have by default. */
  readonly setDefault?: (setting: string, value: string) => Mend
}

export const poolThing = ({ name }: Pick<Pool, 'name'>): Thing => ({
  subject: `pool ${quoted(name)}`,
  set: (setting, value) => setPool(name, { setting, value }),
  setDefault: (setting, value) => setPoolDefaults({ setting, value }),
})

export const applicationThing = (application: Application): Thing => ({
  subject: `application ${quoted(application.id)}`,
  set: (setting, value) => setApplication(application, { setting, value }),
})

export const siteThing = ({ name }: Site): Thing => ({
  subject: `site ${quoted(name)}`,
  set: (setting, value) => setSite(name, { setting, value }),
  setDefault: (setting, value) => setSiteDefaults({ setting, value }),
})

export const farmThing = ({ name }: WebFarm): Thing => ({
  subject: `web farm ${quoted(name)}`,
  set: (setting, value) => setFarm(name, { setting, value }),
})

/** `startMode is OnDemand, which is IIS's default`. */
export const stated = (setting: Setting<unknown>): string =>
  `${attributeName(setting)} is ${printable(setting.text)}${originText(setting)}`

/** The finding about a wrong setting; `right` is the value that fixes it. */
export const settingFound = (
  { subject, set, setDefault }: Thing,
  setting: Setting<unknown>,
  right: string,
  { what = stated(setting), note }: { readonly what?: string; readonly note?: string } = {},
): Found => {
  const noted = (mend: Mend) => (note === undefined ? mend : withNote(mend, note))
  const { name, place, from: origin } = setting
  return {
    place,
    subject,
    what,
    mend: noted(set(name, right)),
    origin,
    ...(origin !== 'own' &&
      setDefault && { shared: { setting: name, mend: noted(setDefault(name, right)) } }),
  }
}
