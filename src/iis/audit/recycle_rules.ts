/** When and how workers are replaced, and whether somebody is waiting then. */
import { formatDuration } from '../../runtime/duration.ts'
import type { Pool } from '../read/app_pool.ts'
import { formatBytes } from '../read/format_bytes.ts'
import { dayMs } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { printable } from '../read/printable.ts'
import { originText, type Setting } from '../read/setting.ts'
import { reschedulePool, setPool, together, withNote } from './cure_commands.ts'
import type { Found, Mend, Rule } from './finding.ts'
import { onNodePools, poolSubject, usedPools } from './scope.ts'
import { clockText, type FreeMinute, minuteText, planTimetable } from './timetable.ts'

const idleTimeout = { setting: 'processModel.idleTimeout', value: '00:00:00' }

const idleTerminates: Rule = {
  id: 'idle-timeout-terminates',
  severity: 'error',
  title: 'A node that stops its worker when nobody comes',
  meaning:
    'After a quiet spell the next user waits for a whole start, or gets a 502 when the balancer does not.',
  look: onNodePools(({ pool }) =>
    pool.idleTimeoutMs.value > 0 && pool.idleTimeoutAction.value === 'Terminate' ? [idleFound(pool)] : [],
  ),
}

const idleSuspends: Rule = {
  id: 'idle-timeout-suspends',
  severity: 'warning',
  title: 'A node that suspends its worker when nobody comes',
  meaning: 'After a quiet spell the next user waits until the worker is read back from disk.',
  look: onNodePools(({ pool }) =>
    pool.idleTimeoutMs.value > 0 && pool.idleTimeoutAction.value === 'Suspend' ? [idleFound(pool)] : [],
  ),
}

function idleFound(pool: Pool): Found {
  const { idleTimeoutMs, idleTimeoutAction } = pool
  const action = idleTimeoutAction.value === 'Terminate' ? 'ended' : 'suspended'
  return {
    place: idleTimeoutMs.place,
    subject: poolSubject(pool),
    what:
      `the worker is ${action} after ${formatDuration(idleTimeoutMs.value)} without a request` +
      originText(idleTimeoutMs),
    mend: setPool(pool.name, idleTimeout),
  }
}

const recycleDrifts: Rule = {
  id: 'recycle-drifts',
  severity: 'warning',
  title: 'Recycling at an interval instead of a time of day',
  meaning: 'The recycle comes at an hour that nobody chose, on some days in the middle of business.',
  look: (machines) => {
    const freeMinute = planTimetable(machines)
    return onNodePools(({ pool }) => {
      const { value, place } = pool.recycleEveryMs
      if (value === 0) return []
      const mended = setPool(pool.name, { setting: 'recycling.periodicRestart.time', value: '00:00:00' })
      const scheduled = reschedulePool(pool.name, [], [clockText(freeMinute(pool))])
      return [
        {
          place,
          subject: poolSubject(pool),
          what: `it recycles every ${formatDuration(value)}${originText(pool.recycleEveryMs)}${driftText(value)}`,
          mend:
            pool.recycleAt.length > 0
              ? mended
              : withNote(together(mended, scheduled), 'a pool that leaks nothing needs no recycling at all'),
        },
      ]
    })(machines)
  },
}

function driftText(everyMs: number): string {
  const rest = everyMs % dayMs
  if (rest === 0 || dayMs % everyMs === 0) return ', counted from its start'
  if (everyMs < dayMs) return ', at other times each day'
  return `, each time ${formatDuration(rest)} later in the day`
}

const sameMinute: Rule = {
  id: 'recycle-same-minute',
  severity: 'warning',
  title: 'Several pools of a node recycle in the same minute',
  meaning:
    'They all start at once and slow each other down, so that every site of the node is slow together.',
  look(machines) {
    const freeMinute = planTimetable(machines)
    return machines.flatMap((machine) => clashesIn(machine, freeMinute))
  },
}

function clashesIn(machine: Machine, freeMinute: FreeMinute): Found[] {
  const first = new Map<number, Pool>()
  return usedPools(machine).flatMap(({ pool }) =>
    pool.recycleAt.flatMap((at): Found[] => {
      const { value, place } = at
      const other = first.get(value)
      first.set(value, other ?? pool)
      if (other === undefined || other === pool) return []
      return [
        {
          place,
          subject: poolSubject(pool),
          what: `it recycles at ${minuteText(value)}, as ${poolSubject(other)} does`,
          mend: moveRecycle(pool, at, freeMinute),
        },
      ]
    }),
  )
}

/** A pool's own schedule takes the place of the one in the defaults, whose times it cannot take out. */
function moveRecycle(pool: Pool, { value, from }: Setting<number>, freeMinute: FreeMinute): Mend {
  return reschedulePool(pool.name, from === 'own' ? [clockText(value)] : [], [
    clockText(freeMinute(pool, value)),
  ])
}

const sameMinuteOnNodes: Rule = {
  id: 'recycle-same-minute-on-nodes',
  severity: 'warning',
  title: 'A pool recycles on several nodes in the same minute',
  meaning: 'The whole farm is cold at once, and no node is left to take over: users get slow pages or a 502.',
  look: (machines) => {
    const freeMinute = planTimetable(machines)
    const first = new Map<string, Machine>()
    return onNodePools(({ pool }, machine) =>
      pool.recycleAt.flatMap((at): Found[] => {
        const { value, place } = at
        const key = `${value} ${pool.name.toLowerCase()}`
        const other = first.get(key)
        first.set(key, other ?? machine)
        if (other === undefined || other === machine) return []
        return [
          {
            place,
            subject: poolSubject(pool),
            what: `it recycles at ${minuteText(value)}, as on the node of ${printable(other.file)}`,
            mend: moveRecycle(pool, at, freeMinute),
          },
        ]
      }),
    )(machines)
  },
}

/** A busy site serves this many in a minute. */
const handful = 10_000

const byRequests: Rule = {
  id: 'recycle-by-requests',
  severity: 'error',
  title: 'Recycling after a handful of requests',
  meaning:
    'The busier the site, the more often its users meet a cold worker, and most often at the busiest hour.',
  look: onNodePools(({ pool }) => {
    const { value, place } = pool.recycleAfterRequests
    if (value === 0 || value >= handful) return []
    return [
      {
        place,
        subject: poolSubject(pool),
        what: `it recycles after ${value} requests${originText(pool.recycleAfterRequests)}`,
        mend: setPool(pool.name, { setting: 'recycling.periodicRestart.requests', value: '0' }),
      },
    ]
  }),
}

/** What a worker with an ordinary ASP.NET application takes, in KiB; a limit below it is reached within the hour. */
const tiny = { privateMemory: 512 * 1024, virtualMemory: 4 * 1024 * 1024 } as const

const byMemory: Rule = {
  id: 'recycle-by-tiny-memory',
  severity: 'error',
  title: 'Recycling at a memory limit that any worker reaches',
  meaning: 'The worker is replaced again and again while it does its ordinary work, each time cold.',
  look: onNodePools(({ pool }) =>
    (['privateMemory', 'virtualMemory'] as const).flatMap((kind): Found[] => {
      const { value, place } = pool[kind]
      if (value === 0 || value >= tiny[kind]) return []
      const attribute = kind === 'privateMemory' ? 'privateMemory' : 'memory'
      return [
        {
          place,
          subject: poolSubject(pool),
          what: `it recycles at ${formatBytes(value * 1024)} of ${kind === 'privateMemory' ? 'private' : 'virtual'} memory`,
          mend: setPool(pool.name, { setting: `recycling.periodicRestart.${attribute}`, value: '0' }),
        },
      ]
    }),
  ),
}

const notOverlapped: Rule = {
  id: 'recycle-not-overlapped',
  severity: 'error',
  title: 'The old worker stops before the new one is there',
  meaning:
    'At each recycle all users of the node wait for the whole start, or get a 502 when the balancer does not.',
  look: onNodePools(({ pool }) =>
    pool.disallowOverlap.value
      ? [
          {
            place: pool.disallowOverlap.place,
            subject: poolSubject(pool),
            what: `disallowOverlappingRotation is true${originText(pool.disallowOverlap)}`,
            mend: withNote(
              setPool(pool.name, { setting: 'recycling.disallowOverlappingRotation', value: 'false' }),
              'two workers of the application must be able to run side by side for a moment',
            ),
          },
        ]
      : [],
  ),
}

/** Rules about recycling and idling on nodes. */
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
