import type { Pool } from '../read/app_pool.ts'
import { timeSpanText } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import type { Place } from '../read/place.ts'
import type { Setting } from '../read/setting.ts'
import { setApplication, setPool } from './cure_commands.ts'
import type { Mend } from './finding.ts'
import { applicationSubject, poolSubject, usedPools, warmupOf } from './scope.ts'

/** One value of a node that should be the same on every other node of its farm. */
export interface NodeValue {
  /** `pool "intranet"`. */
  readonly subject: string
  /** `startMode`, as IIS writes it. */
  readonly name: string
  /** As IIS would write it. */
  readonly value: string
  readonly place: Place
  /** Gives it another value. */
  readonly mend?: (value: string) => Mend
}

/** The settings of a pool that make one node answer otherwise than another. When it recycles may and should differ. */
const poolSettings: readonly (readonly [setting: string, of: (pool: Pool) => Setting<string>])[] = [
  ['startMode', ({ startMode }) => startMode],
  ['autoStart', ({ autoStart }) => asText(autoStart, String)],
  ['managedRuntimeVersion', ({ managedRuntimeVersion }) => managedRuntimeVersion],
  ['queueLength', ({ queueLength }) => asText(queueLength, String)],
  ['processModel.idleTimeout', ({ idleTimeoutMs }) => asText(idleTimeoutMs, timeSpanText)],
  ['processModel.idleTimeoutAction', ({ idleTimeoutAction }) => idleTimeoutAction],
  ['processModel.maxProcesses', ({ maxProcesses }) => asText(maxProcesses, String)],
  ['processModel.startupTimeLimit', ({ startupTimeLimitMs }) => asText(startupTimeLimitMs, timeSpanText)],
  ['processModel.shutdownTimeLimit', ({ shutdownTimeLimitMs }) => asText(shutdownTimeLimitMs, timeSpanText)],
  ['recycling.periodicRestart.time', ({ recycleEveryMs }) => asText(recycleEveryMs, timeSpanText)],
  ['recycling.periodicRestart.requests', ({ recycleAfterRequests }) => asText(recycleAfterRequests, String)],
  ['recycling.periodicRestart.memory', ({ virtualMemory }) => asText(virtualMemory, String)],
  ['recycling.periodicRestart.privateMemory', ({ privateMemory }) => asText(privateMemory, String)],
  ['recycling.disallowOverlappingRotation', ({ disallowOverlap }) => asText(disallowOverlap, String)],
  ['failure.rapidFailProtection', ({ rapidFail }) => asText(rapidFail, String)],
  ['failure.loadBalancerCapabilities', ({ loadBalancerCapabilities }) => loadBalancerCapabilities],
]

const asText = <T>({ value, place, from }: Setting<T>, write: (value: T) => string): Setting<string> => ({
  value: write(value),
  place,
  from,
})

/** Everything of a node that is compared with the other nodes. */
export function nodeValues(machine: Machine): NodeValue[] {
  return [
    ...usedPools(machine).flatMap(({ pool }) => poolValues(pool)),
    ...machine.sites.flatMap((site) => site.applications).flatMap((each) => applicationValues(each, machine)),
  ]
}

function poolValues(pool: Pool): NodeValue[] {
  return poolSettings.map(([setting, of]) => ({
    subject: poolSubject(pool),
    name: setting.split('.').at(-1) ?? setting,
    ...of(pool),
    mend: (value) => setPool(pool.name, { setting, value }),
  }))
}

function applicationValues(
  application: Machine['sites'][number]['applications'][number],
  machine: Machine,
): NodeValue[] {
  const { pool, preload, place } = application
  const subject = applicationSubject(application)
  const pages = warmupOf(machine, application)?.pages ?? []
  const set = (setting: string) => (value: string) => setApplication(application, { setting, value })
  return [
    { subject, name: 'applicationPool', ...pool, mend: set('applicationPool') },
    { subject, name: 'preloadEnabled', ...asText(preload, String), mend: set('preloadEnabled') },
    {
      subject,
      name: 'initializationPage',
      value: pages.map(({ url }) => url).join(', ') || 'none',
      place: pages[0]?.place ?? place,
    },
  ]
}
