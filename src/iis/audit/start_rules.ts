/** Whether an application is running before its first user comes. */
import { quoted } from '../read/remark.ts'
import { originText } from '../read/setting.ts'
import { installApplicationInitialization, together } from './cure_commands.ts'
import type { Rule } from './finding.ts'
import {
  applicationsOf,
  applicationThing,
  isBalancer,
  isNode,
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
  title: 'A pool behind a farm that starts only with the first request',
  meaning:
    'After every start of the server, and after every stop of the pool, a user waits for the worker and the application ' +
    'to start, or gets a 502 when the balancer does not wait that long.',
  look: onPools(({ pool, applications }) => {
    if (pool.startMode.value === 'AlwaysRunning' || applications.some(({ preload }) => preload.value))
      return false
    const { mend, ...found } = settingFound(poolThing(pool), pool.startMode, 'AlwaysRunning', {
      what: `${stated(pool.startMode)}, and no application of the pool is preloaded`,
    })
    const preloads = applications.map((each) => applicationThing(each).set(each.preload.name, 'true'))
    return { ...found, mend: together([mend, ...preloads]) }
  }),
}

const preloadWithoutAlwaysRunning: Rule = {
  id: 'preload-without-always-running',
  severity: 'error',
  title: 'Preload in a pool that starts on demand',
  meaning: 'Nothing is preloaded before the first request: the first user after a start waits all the same.',
  look: onPools(({ pool, applications }) => {
    const preloaded = applications.filter((application) => application.preload.value)
    const [first] = preloaded
    if (pool.startMode.value === 'AlwaysRunning' || first === undefined) return false
    const found = settingFound(poolThing(pool), pool.startMode, 'AlwaysRunning', {
      what:
        `preloadEnabled is true on ${preloaded.map(({ id }) => quoted(id)).join(', ')}, ` +
        `but startMode of the pool is OnDemand${originText(pool.startMode)}`,
    })
    return { ...found, place: pool.startMode.from === 'own' ? found.place : first.preload.place }
  }),
}

const alwaysRunningWithoutPreload: Rule = {
  id: 'always-running-without-preload',
  severity: 'warning',
  title: 'An application without preload in a pool that always runs',
  meaning:
    'The worker runs, but its application starts only with the first request: that user waits, after every recycle.',
  look: onApplications((application, _warmup, machine) => {
    const { preload } = application
    const pool = poolOf(machine, application)
    if (pool?.startMode.value !== 'AlwaysRunning' || preload.value) return false
    const what = `${stated(preload)}, while pool ${quoted(pool.name)} is AlwaysRunning`
    return settingFound(applicationThing(application), preload, 'true', { what })
  }),
}

const applicationInitializationMissing: Rule = {
  id: 'application-initialization-missing',
  severity: 'error',
  title: 'Preload without the feature Application Initialization',
  meaning: 'Nothing is preloaded, and nothing warns of it: the first user after every recycle waits.',
  look: (machines) =>
    machines.filter(isNode).flatMap((machine) => {
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
  title: 'Preload on the machine that runs ARR',
  meaning:
    'Microsoft advises against Application Initialization beside ARR, and it warms nothing that users wait for: the ' +
    'applications run on the nodes.',
  look: (machines) =>
    machines
      .filter(isBalancer)
      .flatMap(applicationsOf)
      .filter(({ preload }) => preload.value)
      .map((application) =>
        settingFound(applicationThing(application), application.preload, 'false', {
          what: 'preloadEnabled is true on a machine with web farms',
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
