/** Limits at which IIS ends a worker or a connection in the middle of its work. */
import { formatDuration, minuteMs } from '../../runtime/duration.ts'
import { originText, type Setting } from '../read/setting.ts'
import type { Found, Rule } from './finding.ts'
import {
  farmThing,
  onFarms,
  onPools,
  onSites,
  poolThing,
  settingFound,
  siteThing,
  type Thing,
} from './scope.ts'

const cpuKills: Rule = {
  id: 'cpu-kills-worker',
  severity: 'error',
  todo: 'throttle a busy worker instead of ending it',
  title: 'A worker that is ended when it is busy',
  meaning: 'At the busiest moment all requests in the worker fail, and the next ones wait for a cold one.',
  look: onPools(({ pool }) => {
    const { cpuLimit, cpuAction } = pool
    const what = `a worker that takes more than ${cpuLimit.value / 1000} % of the CPU is ended (KillW3wp)`
    if (cpuLimit.value === 0 || cpuAction.value !== 'KillW3wp') return false
    return settingFound(poolThing(pool), cpuAction, 'ThrottleUnderLoad', { what })
  }),
}

/** The finding about a time that is shorter than it should be; IIS's own is the right one. */
function tooShort(
  thing: Thing,
  setting: Setting<number>,
  leastMs: number,
  what: string,
  right: string,
): Found | false {
  if (setting.value >= leastMs) return false
  const words = `${what} ${formatDuration(setting.value)}${originText(setting)}`
  return settingFound(thing, setting, right, { what: words })
}

const startLimit: Rule = {
  id: 'startup-limit-short',
  severity: 'error',
  todo: 'give workers time to start',
  title: 'A worker that is ended before it can have started',
  meaning:
    'A slow start is killed and begun again, and after five of them rapid-fail protection stops the pool: 503.',
  look: onPools(({ pool }) =>
    tooShort(
      poolThing(pool),
      pool.startupTimeLimitMs,
      30_000,
      'a worker is ended when it has not started after',
      '00:01:30',
    ),
  ),
}

const shutdownLimit: Rule = {
  id: 'shutdown-limit-short',
  severity: 'warning',
  todo: 'give workers time to finish their requests',
  title: 'A worker that is ended before its requests are',
  meaning: 'In every recycle users whose pages take longer get a broken answer, or a 502 from the balancer.',
  look: onPools(({ pool }) =>
    tooShort(
      poolThing(pool),
      pool.shutdownTimeLimitMs,
      15_000,
      'a worker that shuts down is killed after',
      '00:01:30',
    ),
  ),
}

const pingLimit: Rule = {
  id: 'ping-limit-short',
  severity: 'warning',
  todo: 'give a busy worker time to answer pings',
  title: 'A worker that is ended when it does not answer a ping at once',
  meaning: 'A long garbage collection or a busy moment counts as dead: all requests in the worker fail.',
  look: onPools(
    ({ pool }) =>
      pool.pingingEnabled.value &&
      tooShort(
        poolThing(pool),
        pool.pingResponseTimeMs,
        30_000,
        'a worker is ended when it does not answer a ping within',
        '00:01:30',
      ),
  ),
}

const keepAlive: Rule = {
  id: 'keep-alive-short',
  severity: 'warning',
  todo: 'let nodes keep idle connections as long as ARR does',
  title: 'A node that closes idle connections early',
  meaning:
    'ARR sends a request on a connection that the node closes at that moment: a 502 at once, though every node is fine.',
  look: onSites((site) =>
    tooShort(
      siteThing(site),
      site.keepAliveMs,
      2 * minuteMs,
      'an idle connection is closed after',
      '00:02:00',
    ),
  ),
}

const noKeepAlive: Rule = {
  id: 'arr-keep-alive-off',
  severity: 'warning',
  todo: 'let ARR keep its connections',
  title: 'ARR opens a connection for every request',
  meaning:
    'Every request waits for a connection, and under load ARR runs out of ports: then all of them fail.',
  look: onFarms((farm) => !farm.keepAlive.value && settingFound(farmThing(farm), farm.keepAlive, 'true')),
}

export const limitRules: readonly Rule[] = [
  cpuKills,
  startLimit,
  shutdownLimit,
  pingLimit,
  keepAlive,
  noKeepAlive,
]
