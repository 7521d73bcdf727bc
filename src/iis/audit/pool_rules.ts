/** Whether a pool exists, serves one site, and fails as a balancer expects. */
import { closest } from 'fastest-levenshtein'
import { quoted } from '../read/remark.ts'
import { originText } from '../read/setting.ts'
import { isSame } from '../read/xml_element.ts'
import { byHand, moveToOwnPool, together, withNote } from './cure_commands.ts'
import type { Rule } from './finding.ts'
import {
  applicationThing,
  frontPools,
  onApplications,
  onPools,
  poolOf,
  poolThing,
  settingFound,
  usedPools,
} from './scope.ts'

const poolMissing: Rule = {
  id: 'pool-missing',
  forExpress: true,
  severity: 'error',
  todo: 'put applications into pools that exist',
  title: 'An application in a pool that does not exist',
  meaning: 'Every request to it is answered 503.',
  look: onApplications((application, _warmup, machine) => {
    if (poolOf(machine, application) !== undefined) return false
    const { pool } = application
    const meant = closest(
      pool.value,
      machine.pools.map(({ name }) => name),
    )
    const what = `applicationPool is ${quoted(pool.value)}${originText(pool)}, and there is no such pool`
    const { subject, set } = applicationThing(application)
    const mend =
      machine.pools.length === 0
        ? byHand('create the pool, or name one that exists')
        : withNote(set(pool.name, meant), 'or name the pool that is meant')
    return { place: pool.place, subject, what, mend }
  }),
}

const poolNotStarted: Rule = {
  id: 'pool-not-started',
  severity: 'error',
  todo: 'let the pools start with the server',
  title: 'A pool that does not start by itself',
  meaning: 'After a start of the server every request is answered 503 until somebody starts the pool.',
  look: onPools(
    ({ pool }) => !pool.autoStart.value && settingFound(poolThing(pool), pool.autoStart, 'true'),
    (machine) => {
      const used = usedPools(machine)
      return [
        ...used,
        ...frontPools(machine).filter((front) => used.every(({ pool }) => pool !== front.pool)),
      ]
    },
  ),
}

const poolShared: Rule = {
  id: 'pool-shared',
  severity: 'warning',
  todo: 'give each site a pool of its own',
  title: 'A pool that several sites share',
  meaning: 'One recycle makes all of them cold at once, and a fault in one takes the others down.',
  look: onPools(({ pool, applications }, { pools }) => {
    const sites = [...new Set(applications.map(({ site }) => site))]
    if (sites.length < 2) return false
    const moves = sites.slice(1).map((name) =>
      moveToOwnPool(
        applications.filter(({ site }) => site === name),
        pools.some((each) => isSame(each.name, name)) ? `${name} pool` : name,
      ),
    )
    const what = `it serves the sites ${sites.map(quoted).join(', ')}`
    return { place: pool.place, subject: poolThing(pool).subject, what, mend: together(moves) }
  }),
}

const webGarden: Rule = {
  id: 'web-garden',
  severity: 'note',
  todo: 'run one worker in each pool',
  title: 'Several workers in one pool',
  meaning: 'Each of them starts cold on its own, so users meet a slow first request several times.',
  look: onPools(({ pool }) => {
    const { value } = pool.maxProcesses
    const what = `maxProcesses is ${value}${value === 0 ? ', one for each NUMA node' : ''}`
    return value !== 1 && settingFound(poolThing(pool), pool.maxProcesses, '1', { what })
  }),
}

const rapidFailOff: Rule = {
  id: 'rapid-fail-off',
  severity: 'note',
  todo: 'switch rapid-fail protection on',
  title: 'A pool that restarts a crashing worker without end',
  meaning:
    'The worker crashes and starts again, each time cold, and the balancer never considers the node down.',
  look: onPools(({ pool }) => !pool.rapidFail.value && settingFound(poolThing(pool), pool.rapidFail, 'true')),
}

/** Fewer crashes than this do not prove a broken application. */
const fewCrashes = 3

const rapidFailHairTrigger: Rule = {
  id: 'rapid-fail-hair-trigger',
  severity: 'warning',
  todo: 'let a pool crash five times before it is stopped',
  title: 'A pool that is stopped after one or two crashes',
  meaning: 'The node then answers every request 503 until somebody starts the pool by hand.',
  look: onPools(
    ({ pool }) =>
      pool.rapidFail.value &&
      pool.rapidFailMaxCrashes.value < fewCrashes &&
      settingFound(poolThing(pool), pool.rapidFailMaxCrashes, '5'),
  ),
}

const tcpLevel: Rule = {
  id: 'tcp-level-capabilities',
  severity: 'warning',
  todo: 'let a stopped pool answer 503',
  title: 'Connections are closed instead of answered 503',
  meaning:
    'While the pool is down or its queue is full, users behind an HTTP balancer get a 502 from the balancer, which cannot ' +
    'tell a stopped pool from a broken network.',
  look: onPools(({ pool }) => {
    const note = 'TcpLevel is right behind a balancer that only sees connections'
    const { loadBalancerCapabilities: setting } = pool
    return setting.value === 'TcpLevel' && settingFound(poolThing(pool), setting, 'HttpLevel', { note })
  }),
}

const identityPassword: Rule = {
  id: 'identity-with-password',
  severity: 'note',
  todo: 'run pools under an identity whose password does not expire',
  title: 'A pool whose identity has a password',
  meaning:
    'When the password expires or is changed elsewhere, the pool no longer starts: every request is answered 503.',
  look: onPools(({ pool }) => {
    const { identityType, userName } = pool
    // The name of a group managed service account, whose password Windows changes by itself, ends with a dollar sign.
    if (identityType.value !== 'SpecificUser' || userName.value.trim().endsWith('$')) return false
    const what = `it runs as the user ${quoted(userName.value)}, with a password that is kept here`
    const note = 'or use a group managed service account, whose password Windows renews; its name ends with $'
    return settingFound(poolThing(pool), identityType, 'ApplicationPoolIdentity', { what, note })
  }),
}

export const poolRules: readonly Rule[] = [
  poolMissing,
  poolNotStarted,
  poolShared,
  rapidFailHairTrigger,
  tcpLevel,
  rapidFailOff,
  webGarden,
  identityPassword,
]
