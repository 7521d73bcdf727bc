/** Whether the pools that ARR itself runs in stay awake. */
import { formatDuration } from '../../runtime/duration.ts'
import type { Pool } from '../read/app_pool.ts'
import { originText } from '../read/setting.ts'
import { byHand, reschedulePool, setPool, together } from './cure_commands.ts'
import type { Found, Mend, Rule } from './finding.ts'
import { onBalancerPools, poolSubject } from './scope.ts'
import { clockText } from './timetable.ts'

const balancerIdles: Rule = {
  id: 'arr-pool-idles',
  severity: 'error',
  title: 'The worker of ARR stops when nobody comes',
  meaning:
    'With it goes what ARR knows of its servers: the next users wait, or get a 502.4 until it has asked them again.',
  look: onBalancerPools(({ pool }) => {
    const { value, place } = pool.idleTimeoutMs
    if (value === 0) return []
    return [
      {
        place,
        subject: poolSubject(pool),
        what: `the worker of ARR is ended or suspended after ${formatDuration(value)} without a request${originText(pool.idleTimeoutMs)}`,
        mend: setPool(pool.name, { setting: 'processModel.idleTimeout', value: '00:00:00' }),
      },
    ]
  }),
}

const balancerRecycles: Rule = {
  id: 'arr-pool-recycles',
  severity: 'warning',
  title: 'The worker of ARR is recycled',
  meaning:
    'A new worker knows no server yet: for some seconds users can get a 502.4 although every node is fine.',
  look: onBalancerPools(({ pool }): Found[] => {
    const { recycleEveryMs, recycleAt, name } = pool
    const [first] = recycleAt
    if (recycleEveryMs.value === 0 && first === undefined) return []
    const when = recycleEveryMs.value > 0 ? `every ${formatDuration(recycleEveryMs.value)}` : 'on a schedule'
    const { place } = recycleEveryMs.value > 0 || first === undefined ? recycleEveryMs : first
    return [
      {
        place,
        subject: poolSubject(pool),
        what: `the worker of ARR recycles ${when}${recycleEveryMs.value > 0 ? originText(recycleEveryMs) : ''}`,
        mend: together(
          setPool(name, { setting: 'recycling.periodicRestart.time', value: '00:00:00' }),
          unschedule(pool),
        ),
      },
    ]
  }),
}

/** A pool can take only its own times out of a schedule. */
function unschedule({ name, recycleAt }: Pool): Mend {
  if (recycleAt.some(({ from }) => from === 'defaults'))
    return byHand('its schedule stands in applicationPoolDefaults: take it out there, in IIS Manager')
  return reschedulePool(
    name,
    recycleAt.map(({ value }) => clockText(value)),
    [],
  )
}

/** Rules about the pools of machines with web farms. */
export const balancerPoolRules: readonly Rule[] = [balancerIdles, balancerRecycles]
