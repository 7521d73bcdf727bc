/** Whether a pool is there, alone, and answers as a balancer expects. */
import { quoted } from '../read/printable.ts'
import { originText } from '../read/setting.ts'
import { byHand, moveToOwnPool, setApplication, setPool, together, withNote } from './cure_commands.ts'
import type { Rule } from './finding.ts'
import {
  applicationSubject,
  isSame,
  onApplications,
  onNodePools,
  poolOf,
  poolSubject,
  usedPools,
} from './scope.ts'

const poolMissing: Rule = {
  id: 'pool-missing',
  severity: 'error',
  title: 'An application in a pool that does not exist',
  meaning: 'Every request to it is answered 503.',
  look: onApplications((application, _warmup, machine) => {
    if (poolOf(machine, application) !== undefined) return []
    const [other] = machine.pools
    const what = `applicationPool is ${quoted(application.pool.value)}${originText(application.pool)}, and there is no such pool`
    const mend =
      other === undefined
        ? byHand('create the pool, or name one that exists')
        : withNote(
            setApplication(application, { setting: 'applicationPool', value: other.name }),
            'name the pool that is meant',
          )
    return [{ place: application.pool.place, subject: applicationSubject(application), what, mend }]
  }),
}

const poolNotStarted: Rule = {
  id: 'pool-not-started',
  severity: 'error',
  title: 'A pool that does not start by itself',
  meaning: 'After a start of the server every request is answered 503 until somebody starts the pool.',
  look: (machines) =>
    machines.flatMap(usedPools).flatMap(({ pool }) =>
      pool.autoStart.value
        ? []
        : [
            {
              place: pool.autoStart.place,
              subject: poolSubject(pool),
              what: `autoStart is false${originText(pool.autoStart)}`,
              mend: setPool(pool.name, { setting: 'autoStart', value: 'true' }),
            },
          ],
    ),
}

const poolShared: Rule = {
  id: 'pool-shared',
  severity: 'warning',
  title: 'A pool that several sites share',
  meaning: 'One recycle makes all of them cold at once, and a fault in one takes the others down.',
  look: onNodePools(({ pool, applications }, machine) => {
    const sites = [...new Set(applications.map(({ site }) => site))]
    if (sites.length < 2) return []
    const isTaken = (name: string) => machine.pools.some((each) => isSame(each.name, name))
    const moves = sites.slice(1).map((name) =>
      moveToOwnPool(
        applications.filter(({ site }) => site === name),
        isTaken(name) ? `${name} pool` : name,
      ),
    )
    return [
      {
        place: pool.place,
        subject: poolSubject(pool),
        what: `it serves the sites ${sites.map(quoted).join(', ')}`,
        mend: together(...moves),
      },
    ]
  }),
}

const webGarden: Rule = {
  id: 'web-garden',
  severity: 'note',
  title: 'Several workers in one pool',
  meaning: 'Each of them starts cold on its own, so that users meet a slow first request several times.',
  look: onNodePools(({ pool }) => {
    const { value, place } = pool.maxProcesses
    if (value === 1) return []
    return [
      {
        place,
        subject: poolSubject(pool),
        what: `maxProcesses is ${value}${value === 0 ? ', one for each NUMA node' : ''}`,
        mend: setPool(pool.name, { setting: 'processModel.maxProcesses', value: '1' }),
      },
    ]
  }),
}

const rapidFailOff: Rule = {
  id: 'rapid-fail-off',
  severity: 'note',
  title: 'No end to crashes',
  meaning:
    'A worker that crashes is started again without end, each time cold, and the balancer never takes the node for dead.',
  look: onNodePools(({ pool }) =>
    pool.rapidFail.value
      ? []
      : [
          {
            place: pool.rapidFail.place,
            subject: poolSubject(pool),
            what: `rapidFailProtection is false${originText(pool.rapidFail)}`,
            mend: setPool(pool.name, { setting: 'failure.rapidFailProtection', value: 'true' }),
          },
        ],
  ),
}

/** Fewer crashes than this are a bad minute rather than a broken application. */
const fewCrashes = 3

const rapidFailHairTrigger: Rule = {
  id: 'rapid-fail-hair-trigger',
  severity: 'warning',
  title: 'A pool that is stopped after a crash or two',
  meaning: 'The node then answers every request 503 until somebody starts the pool by hand.',
  look: onNodePools(({ pool }) => {
    const { value, place } = pool.rapidFailMaxCrashes
    if (!pool.rapidFail.value || value >= fewCrashes) return []
    return [
      {
        place,
        subject: poolSubject(pool),
        what: `rapidFailProtectionMaxCrashes is ${value}`,
        mend: setPool(pool.name, { setting: 'failure.rapidFailProtectionMaxCrashes', value: '5' }),
      },
    ]
  }),
}

const tcpLevel: Rule = {
  id: 'tcp-level-capabilities',
  severity: 'warning',
  title: 'Connections are closed where a 503 would tell why',
  meaning:
    'While the pool is down or its queue is full users behind an HTTP balancer get its 502, and the balancer cannot ' +
    'tell a stopped pool from a broken network.',
  look: onNodePools(({ pool }) => {
    const { value, place } = pool.loadBalancerCapabilities
    if (value !== 'TcpLevel') return []
    return [
      {
        place,
        subject: poolSubject(pool),
        what: `loadBalancerCapabilities is TcpLevel${originText(pool.loadBalancerCapabilities)}`,
        mend: withNote(
          setPool(pool.name, { setting: 'failure.loadBalancerCapabilities', value: 'HttpLevel' }),
          'TcpLevel is right behind a balancer that only sees connections',
        ),
      },
    ]
  }),
}

/** Rules about pools as such. */
export const poolRules: readonly Rule[] = [
  poolMissing,
  poolNotStarted,
  poolShared,
  rapidFailHairTrigger,
  tcpLevel,
  rapidFailOff,
  webGarden,
]
