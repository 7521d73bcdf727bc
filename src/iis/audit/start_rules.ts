/** Whether an application is running before its first user comes. */
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/remark.ts'
import { originText } from '../read/setting.ts'
import type { Application } from '../read/site.ts'
import { byHand, installApplicationInitialization, together } from './cure_commands.ts'
import type { Found, Mend, Rule } from './finding.ts'
import { isBalancer } from './roles.ts'
import {
  applicationsOf,
  applicationThing,
  frontApplicationsOf,
  onApplications,
  onPools,
  poolOf,
  poolThing,
  settingFound,
  stated,
} from './scope.ts'

const poolOnDemand: Rule = {
  id: 'pool-on-demand',
  severity: 'error',
  todo: 'start pools and applications with the server',
  title: 'A pool behind a farm that starts only with the first request',
  meaning:
    'After every start of the server, and after every stop of the pool, a user waits for the worker and the application ' +
    'to start, or gets a 502 when the balancer does not wait that long.',
  look: onPools(({ pool, applications }, machine) => {
    if (pool.startMode.value === 'AlwaysRunning' || applications.some(startsWithWorker)) return false
    const preloads = applications.map((each) => applicationThing(each).set(each.preload.name, 'true'))
    return withPreloads(
      settingFound(poolThing(pool), pool.startMode, 'AlwaysRunning', {
        what: `${stated(pool.startMode)}, and no application of the pool is preloaded`,
      }),
      together(preloads),
      machine,
    )
  }),
}

/** What is preloaded, or started by a provider of its own, runs before its first user comes. */
const startsWithWorker = ({ preload, isAutoStarted }: Application) => preload.value || isAutoStarted

/** Preload does nothing, and says nothing, without its feature: that is installed first, unless it is known to be there. */
function withPreloads(found: Found, rest: Mend, machine: Machine): Found {
  const beside =
    'Microsoft advises against Application Initialization beside ARR: nodes are better on machines of their own'
  const first = [
    ...(machine.hasApplicationInitialization === true ? [] : [installApplicationInitialization]),
    ...(isBalancer(machine) ? [byHand(beside)] : []),
  ]
  const { shared } = found
  return {
    ...found,
    mend: together([...first, found.mend, rest]),
    ...(shared && { shared: { ...shared, mend: together([...first, shared.mend]), rest } }),
  }
}

const nothing: Mend = { appcmd: [], powershell: [] }

const preloadWithoutAlwaysRunning: Rule = {
  id: 'preload-without-always-running',
  severity: 'error',
  todo: 'let pools with preload always run',
  title: 'Preload in a pool that starts on demand',
  meaning: 'Nothing is preloaded before the first request: the first user after a start waits all the same.',
  look: onPools(({ pool, applications }, machine) => {
    const preloaded = applications.filter(startsWithWorker)
    const [first] = preloaded
    if (pool.startMode.value === 'AlwaysRunning' || first === undefined) return false
    const found = settingFound(poolThing(pool), pool.startMode, 'AlwaysRunning', {
      what:
        `${first.preload.value ? 'preloadEnabled' : 'serviceAutoStartEnabled'} is true on ${preloaded.map(({ id }) => quoted(id)).join(', ')}, ` +
        `but startMode of the pool is OnDemand${originText(pool.startMode)}`,
    })
    const place = pool.startMode.from === 'own' ? found.place : first.preload.place
    return withPreloads({ ...found, place }, nothing, machine)
  }),
}

const alwaysRunningWithoutPreload: Rule = {
  id: 'always-running-without-preload',
  severity: 'warning',
  todo: 'preload the applications of pools that always run',
  title: 'An application without preload in a pool that always runs',
  meaning:
    'The worker runs, but its application starts only with the first request: that user waits, after every recycle.',
  look: onApplications((application, _warmup, machine) => {
    const { preload } = application
    const pool = poolOf(machine, application)
    if (pool?.startMode.value !== 'AlwaysRunning' || startsWithWorker(application)) return false
    const what = `${stated(preload)}, while its pool is AlwaysRunning`
    return withPreloads(
      settingFound(applicationThing(application), preload, 'true', { what }),
      nothing,
      machine,
    )
  }),
}

const applicationInitializationMissing: Rule = {
  id: 'application-initialization-missing',
  severity: 'error',
  todo: 'install Application Initialization',
  title: 'Preload without the feature Application Initialization',
  meaning: 'Nothing is preloaded, and nothing warns of it: the first user after every recycle waits.',
  look: (machines) =>
    machines.flatMap((machine) => {
      const { modulesPlace, hasApplicationInitialization } = machine
      if (modulesPlace === undefined || hasApplicationInitialization !== false) return []
      const [first, ...others] = applicationsOf(machine).filter(
        (application) =>
          application.preload.value || poolOf(machine, application)?.startMode.value === 'AlwaysRunning',
      )
      if (first === undefined) return []
      const what =
        `ApplicationInitializationModule is not among the modules, though ${quoted(first.id)}` +
        `${others.length === 0 ? ' is' : ` and ${others.length} more are`} to be preloaded`
      const mend = installApplicationInitialization
      return [{ place: modulesPlace, subject: 'globalModules', what, mend }]
    }),
}

const applicationInitializationOnBalancer: Rule = {
  id: 'preload-on-balancer',
  severity: 'warning',
  todo: 'take preload off the machine that runs ARR',
  title: 'Preload on the machine that runs ARR',
  meaning:
    'Microsoft advises against Application Initialization beside ARR, and it warms nothing that users wait for: the ' +
    'applications run on the nodes.',
  look: (machines) =>
    machines
      .flatMap(frontApplicationsOf)
      .filter(({ preload }) => preload.value)
      .map((application) =>
        settingFound(applicationThing(application), application.preload, 'false', {
          what: 'preloadEnabled is true on a site whose requests ARR passes on',
          note: 'preload the applications on the nodes instead',
        }),
      ),
}

export const startRules: readonly Rule[] = [
  poolOnDemand,
  preloadWithoutAlwaysRunning,
  alwaysRunningWithoutPreload,
  applicationInitializationMissing,
  applicationInitializationOnBalancer,
]
