/** Whether an application is running before its first user comes. */
import { quoted } from '../read/printable.ts'
import { originText } from '../read/setting.ts'
import type { Application } from '../read/site.ts'
import {
  installApplicationInitialization,
  setApplication,
  setPool,
  together,
  withNote,
} from './cure_commands.ts'
import type { Rule } from './finding.ts'
import { applicationSubject, isBalancer, onApplications, onNodePools, poolOf, poolSubject } from './scope.ts'

const alwaysRunning = { setting: 'startMode', value: 'AlwaysRunning' }
const preload = (application: Application) =>
  setApplication(application, { setting: 'preloadEnabled', value: 'true' })

const poolOnDemand: Rule = {
  id: 'pool-on-demand',
  severity: 'error',
  title: 'A pool behind a farm starts only when somebody asks',
  meaning:
    'After every start of the server, and after every stop of the pool, a user waits for the worker and the application ' +
    'to start, or gets a 502 when the balancer does not wait that long.',
  look: onNodePools(({ pool, applications }) => {
    if (pool.startMode.value === 'AlwaysRunning' || applications.some(({ preload }) => preload.value))
      return []
    return [
      {
        place: pool.startMode.place,
        subject: poolSubject(pool),
        what: `startMode is OnDemand${originText(pool.startMode)}, and no application of the pool is preloaded`,
        mend: together(setPool(pool.name, alwaysRunning), ...applications.map(preload)),
      },
    ]
  }),
}

const preloadWithoutAlwaysRunning: Rule = {
  id: 'preload-without-always-running',
  severity: 'error',
  title: 'Preload in a pool that starts on demand',
  meaning:
    'The preload does not happen before somebody asks: the first user after a start waits all the same.',
  look: onNodePools(({ pool, applications }) => {
    if (pool.startMode.value === 'AlwaysRunning') return []
    const preloaded = applications.filter((application) => application.preload.value)
    const [first] = preloaded
    if (first === undefined) return []
    return [
      {
        place: pool.startMode.from === 'own' ? pool.startMode.place : first.preload.place,
        subject: poolSubject(pool),
        what:
          `preloadEnabled is true on ${preloaded.map(({ id }) => quoted(id)).join(', ')}, ` +
          `but startMode of the pool is OnDemand${originText(pool.startMode)}`,
        mend: setPool(pool.name, alwaysRunning),
      },
    ]
  }),
}

const alwaysRunningWithoutPreload: Rule = {
  id: 'always-running-without-preload',
  severity: 'warning',
  title: 'An application that is not preloaded in a pool that always runs',
  meaning:
    'A worker waits, but the application in it starts only with the first request: that user waits, after every recycle.',
  look: onApplications((application, _warmup, machine) => {
    const pool = poolOf(machine, application)
    if (pool?.startMode.value !== 'AlwaysRunning' || application.preload.value) return []
    return [
      {
        place: application.preload.place,
        subject: applicationSubject(application),
        what: `preloadEnabled is false${originText(application.preload)}, while pool ${quoted(pool.name)} is AlwaysRunning`,
        mend: preload(application),
      },
    ]
  }),
}

const applicationInitializationMissing: Rule = {
  id: 'application-initialization-missing',
  severity: 'error',
  title: 'Preload without the feature that does it',
  meaning: 'Nothing is preloaded, without a word of warning: the first user after every recycle waits.',
  look: (machines) =>
    machines.flatMap((machine) => {
      const { sites, modulesPlace, hasApplicationInitialization } = machine
      if (isBalancer(machine) || modulesPlace === undefined || hasApplicationInitialization !== false)
        return []
      const applications = sites.flatMap((site) => site.applications)
      const wanting = applications.filter(
        (application) =>
          application.preload.value || poolOf(machine, application)?.startMode.value === 'AlwaysRunning',
      )
      if (wanting.length === 0) return []
      const [first] = wanting
      return [
        {
          place: modulesPlace,
          subject: 'globalModules',
          what:
            `ApplicationInitializationModule is not among the modules, though ${quoted(first?.id ?? '')}` +
            `${wanting.length === 1 ? ' is' : ` and ${wanting.length - 1} more are`} to be preloaded`,
          mend: installApplicationInitialization,
        },
      ]
    }),
}

const applicationInitializationOnBalancer: Rule = {
  id: 'preload-on-balancer',
  severity: 'warning',
  title: 'Preload on the machine of ARR',
  meaning:
    'Microsoft advises against Application Initialization beside ARR, and it warms nothing that users wait for: the ' +
    'applications run on the nodes.',
  look: (machines) =>
    machines.filter(isBalancer).flatMap(({ sites }) =>
      sites
        .flatMap((site) => site.applications)
        .filter((application) => application.preload.value)
        .map((application) => ({
          place: application.preload.place,
          subject: applicationSubject(application),
          what: 'preloadEnabled is true on a machine with web farms',
          mend: withNote(
            setApplication(application, { setting: 'preloadEnabled', value: 'false' }),
            'preload the applications on the nodes instead',
          ),
        })),
    ),
}

/** Rules about how applications are started. */
export const startRules: readonly Rule[] = [
  poolOnDemand,
  preloadWithoutAlwaysRunning,
  alwaysRunningWithoutPreload,
  applicationInitializationMissing,
  applicationInitializationOnBalancer,
]
