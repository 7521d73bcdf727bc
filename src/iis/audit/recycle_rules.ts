/** When and how workers are replaced, and whether users have to wait for it. */
import { formatBytes } from '../../runtime/bounded_file.ts'
import { dayMs, formatDuration } from '../../runtime/duration.ts'
import type { Pool } from '../read/app_pool.ts'
import { timeOfDay } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { printable } from '../read/remark.ts'
import { originText, type Setting } from '../read/setting.ts'
import { byHand, reschedulePool, together, withNote } from './cure_commands.ts'
import type { Found, Mend, Rule } from './finding.ts'
import { frontPools, onPools, poolThing, settingFound, usedPools } from './scope.ts'
import { type FreeMinute, planTimetable } from './timetable.ts'

const noTime = '00:00:00'

/** `false` when it has no idle time-out. */
function idles(pool: Pool, worker = 'the worker'): Found | false {
  const { idleTimeoutMs: setting, idleTimeoutAction } = pool
  const action = idleTimeoutAction.value === 'Terminate' ? 'stopped' : 'suspended'
  const what = `${worker} is ${action} after ${formatDuration(setting.value)} without a request${originText(setting)}`
  return setting.value > 0 && settingFound(poolThing(pool), setting, noTime, { what })
}

const idleTerminates: Rule = {
  id: 'idle-timeout-terminates',
  severity: 'error',
  todo: 'keep idle workers running',
  title: 'A worker that is stopped when idle',
  meaning:
    'After a quiet spell the next user waits for a whole start, or gets a 502 when the balancer does not wait that long.',
  look: onPools(({ pool }) => pool.idleTimeoutAction.value === 'Terminate' && idles(pool)),
}

const idleSuspends: Rule = {
  id: 'idle-timeout-suspends',
  severity: 'warning',
  todo: 'keep idle workers in memory',
  title: 'A worker that is suspended when idle',
  meaning: 'After a quiet spell the next user waits until the worker is read back from disk.',
  look: onPools(({ pool }) => pool.idleTimeoutAction.value === 'Suspend' && idles(pool)),
}

const recycleDrifts: Rule = {
  id: 'recycle-drifts',
  severity: 'warning',
  todo: 'recycle at a quiet minute, or not at all, instead of at an interval',
  title: 'Recycling at an interval instead of a time of day',
  meaning: 'The recycle comes at an hour that nobody chose, on some days during business hours.',
  look: (machines) => {
    const freeMinute = planTimetable(machines)
    return onPools(({ pool }) => {
      const { recycleEveryMs: setting, recycleAt, name } = pool
      if (setting.value === 0) return false
      const what = `it recycles every ${formatDuration(setting.value)}${originText(setting)}${driftText(setting.value)}`
      const found = settingFound(poolThing(pool), setting, noTime, { what })
      if (recycleAt.length > 0) return found
      const scheduled = reschedulePool(name, [], [timeOfDay.write(freeMinute(pool))])
      const note =
        'take another minute on each node, so that there is always a warm one; a pool that leaks nothing needs no recycling at all'
      const { shared } = found
      return {
        ...found,
        mend: withNote(together([found.mend, scheduled]), note),
        ...(shared && { shared: { ...shared, mend: withNote(shared.mend, manyNote) } }),
      }
    })(machines)
  },
}

const manyNote =
  'a pool that has to be recycled gets a schedule: another minute for each pool, and another one on each node, so that ' +
  'there is always a warm one'

function driftText(everyMs: number): string {
  const rest = everyMs % dayMs
  if (rest === 0 || dayMs % everyMs === 0) return ', counted from its start'
  if (everyMs < dayMs) return ', at other times each day'
  return `, each time ${formatDuration(rest)} later in the day`
}

const sameMinute: Rule = {
  id: 'recycle-same-minute',
  severity: 'warning',
  todo: 'recycle each pool at a minute of its own',
  title: 'Several pools of a node recycle in the same minute',
  meaning:
    'They all start at once and slow each other down, so every site of the node is slow at the same time.',
  look(machines) {
    const freeMinute = planTimetable(machines)
    return machines.flatMap((machine) => clashesIn(machine, freeMinute))
  },
}

function clashesIn(machine: Machine, freeMinute: FreeMinute): Found[] {
  const first = new Map<number, Pool>()
  return usedPools(machine).flatMap(({ pool }) =>
    pool.recycleAt.flatMap((at): Found[] => {
      const other = first.get(at.value) ?? pool
      first.set(at.value, other)
      return other === pool ? [] : [clash(pool, at, `as ${poolThing(other).subject} does`, freeMinute)]
    }),
  )
}

const clash = (pool: Pool, at: Setting<number>, how: string, freeMinute: FreeMinute): Found => ({
  place: at.place,
  subject: poolThing(pool).subject,
  what: `it recycles at ${at.text.slice(0, 5)}, ${how}`,
  // A pool's own schedule replaces that of the defaults, whose times it cannot remove.
  mend: reschedulePool(pool.name, at.from === 'own' ? [at.text] : [], [
    timeOfDay.write(freeMinute(pool, at.value)),
  ]),
})

const sameMinuteOnNodes: Rule = {
  id: 'recycle-same-minute-on-nodes',
  severity: 'warning',
  todo: 'recycle each node at a minute of its own',
  title: 'A pool recycles on several nodes in the same minute',
  meaning: 'The whole farm is cold at once, and no node can take over: users get slow pages or a 502.',
  look: (machines) => {
    const freeMinute = planTimetable(machines)
    const first = new Map<string, Machine>()
    return onPools(({ pool }, machine) =>
      pool.recycleAt.flatMap((at): Found[] => {
        const key = `${at.value} ${pool.name.toLowerCase()}`
        const other = first.get(key) ?? machine
        first.set(key, other)
        const how = `as on the node of ${printable(other.file)}`
        return other === machine ? [] : [clash(pool, at, how, freeMinute)]
      }),
    )(machines)
  },
}

/** A busy site serves this many requests in a minute. */
const fewRequests = 10_000

const byRequests: Rule = {
  id: 'recycle-by-requests',
  severity: 'error',
  todo: 'stop recycling by the number of requests',
  title: 'Recycling after few requests',
  meaning:
    'The busier the site, the more often its users meet a cold worker, and most often at the busiest hour.',
  look: onPools(({ pool }) => {
    const { recycleAfterRequests: setting } = pool
    const what = `it recycles after ${setting.value} requests${originText(setting)}`
    if (setting.value === 0 || setting.value >= fewRequests) return false
    return settingFound(poolThing(pool), setting, '0', { what })
  }),
}

/** What a worker with an ordinary ASP.NET application needs, in KiB; it reaches a lower limit within the hour. */
const tiny = { privateMemory: 512 * 1024, virtualMemory: 4 * 1024 * 1024 } as const

const byMemory: Rule = {
  id: 'recycle-by-tiny-memory',
  severity: 'error',
  todo: 'raise the memory limits, or drop them',
  title: 'Recycling at a memory limit that any worker reaches',
  meaning: 'The worker is replaced again and again while it does its ordinary work, each time cold.',
  look: onPools(({ pool }) =>
    (['privateMemory', 'virtualMemory'] as const).flatMap((kind): Found[] => {
      const { value } = pool[kind]
      if (value === 0 || value >= tiny[kind]) return []
      const memory = kind === 'privateMemory' ? 'private' : 'virtual'
      const what = `it recycles at ${formatBytes(value * 1024)} of ${memory} memory`
      return [settingFound(poolThing(pool), pool[kind], '0', { what })]
    }),
  ),
}

const notOverlapped: Rule = {
  id: 'recycle-not-overlapped',
  severity: 'error',
  todo: 'let the new worker start before the old one stops',
  title: 'The old worker stops before the new one is ready',
  meaning:
    'At each recycle all users of the node wait for the whole start, or get a 502 when the balancer does not wait that long.',
  look: onPools(({ pool }) => {
    const note = 'two workers of the application must be able to run side by side for a moment'
    const { disallowOverlap } = pool
    return disallowOverlap.value && settingFound(poolThing(pool), disallowOverlap, 'false', { note })
  }),
}

const balancerIdles: Rule = {
  id: 'arr-pool-idles',
  severity: 'error',
  todo: 'keep the worker of ARR running',
  title: 'The worker of ARR stops when idle',
  meaning:
    'ARR forgets the state of its servers: the next users wait, or get a 502.4 until it has checked them again.',
  look: onPools(({ pool }) => idles(pool, 'the worker of ARR'), frontPools),
}

const balancerRecycles: Rule = {
  id: 'arr-pool-recycles',
  severity: 'warning',
  todo: 'stop recycling the worker of ARR',
  title: 'The worker of ARR is recycled',
  meaning:
    'A new worker does not know the servers yet: for some seconds users can get a 502.4 although every node is fine.',
  look: onPools(({ pool }) => {
    const { recycleEveryMs: every, recycleAt } = pool
    const [first] = recycleAt
    if (every.value === 0 && first === undefined) return false
    const when =
      every.value > 0 ? `every ${formatDuration(every.value)}${originText(every)}` : 'on a schedule'
    const what = `the worker of ARR recycles ${when}`
    const found = settingFound(poolThing(pool), every, noTime, { what })
    const place = every.value > 0 || first === undefined ? found.place : first.place
    return { ...found, place, mend: together([found.mend, unschedule(pool)]) }
  }, frontPools),
}

/** A pool can only remove its own times from a schedule. */
function unschedule({ name, recycleAt }: Pool): Mend {
  if (recycleAt.some(({ from }) => from === 'defaults'))
    return byHand('its schedule stands in applicationPoolDefaults: remove it there, in IIS Manager')
  return reschedulePool(
    name,
    recycleAt.map(({ text }) => text),
    [],
  )
}

export const recycleRules: readonly Rule[] = [
  idleTerminates,
  notOverlapped,
  byRequests,
  byMemory,
  idleSuspends,
  recycleDrifts,
  sameMinute,
  sameMinuteOnNodes,
]

export const balancerPoolRules: readonly Rule[] = [balancerIdles, balancerRecycles]
