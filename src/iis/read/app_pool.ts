import { count, flag, oneOf, text, timeOfDay, timeSpan } from './kinds.ts'
import { collected, type FindSection } from './locations.ts'
import type { Place } from './place.ts'
import type { Holders, Setting, SettingReader } from './setting.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** An application pool with everything in force for it; times in milliseconds. */
export interface Pool {
  readonly name: string
  readonly place: Place
  readonly autoStart: Setting<boolean>
  readonly startMode: Setting<'OnDemand' | 'AlwaysRunning'>
  readonly managedRuntimeVersion: Setting<string>
  readonly queueLength: Setting<number>
  readonly idleTimeoutMs: Setting<number>
  readonly idleTimeoutAction: Setting<'Terminate' | 'Suspend'>
  readonly maxProcesses: Setting<number>
  readonly startupTimeLimitMs: Setting<number>
  readonly shutdownTimeLimitMs: Setting<number>
  readonly recycleEveryMs: Setting<number>
  readonly recycleAfterRequests: Setting<number>
  /** In KiB, as is `privateMemory`; 0 is no limit. */
  readonly virtualMemory: Setting<number>
  readonly privateMemory: Setting<number>
  /** Minutes after midnight. */
  readonly recycleAt: readonly Setting<number>[]
  readonly disallowOverlap: Setting<boolean>
  readonly rapidFail: Setting<boolean>
  readonly rapidFailMaxCrashes: Setting<number>
  readonly loadBalancerCapabilities: Setting<'HttpLevel' | 'TcpLevel'>
}

/** Every application pool of a server. */
export function readPools(find: FindSection, read: SettingReader): Pool[] {
  const sections = find('system.applicationHost/applicationPools', '')
  const defaults = within(sections, 'applicationPoolDefaults')
  return collected(sections, { key: 'name' }).map((element) => readPool(element, defaults, read))
}

function readPool(element: XmlElement, defaults: readonly XmlElement[], read: SettingReader): Pool {
  const { place } = element
  const holders = (...path: string[]): Holders => ({
    own: within([element], ...path),
    defaults: within(defaults, ...path),
    place,
  })
  const pool = holders()
  const process = holders('processModel')
  const recycling = holders('recycling')
  const restart = holders('recycling', 'periodicRestart')
  const failure = holders('failure')
  return {
    name: attributeOf(element, 'name')?.value ?? '',
    place,
    autoStart: read(pool, 'autoStart', flag, true),
    startMode: read(pool, 'startMode', oneOf('OnDemand', 'AlwaysRunning'), 'OnDemand'),
    managedRuntimeVersion: read(pool, 'managedRuntimeVersion', text, ''),
    queueLength: read(pool, 'queueLength', count, 1000),
    idleTimeoutMs: read(process, 'idleTimeout', timeSpan, 20 * 60_000),
    idleTimeoutAction: read(process, 'idleTimeoutAction', oneOf('Terminate', 'Suspend'), 'Terminate'),
    maxProcesses: read(process, 'maxProcesses', count, 1),
    startupTimeLimitMs: read(process, 'startupTimeLimit', timeSpan, 90_000),
    shutdownTimeLimitMs: read(process, 'shutdownTimeLimit', timeSpan, 90_000),
    recycleEveryMs: read(restart, 'time', timeSpan, 29 * 3_600_000),
    recycleAfterRequests: read(restart, 'requests', count, 0),
    virtualMemory: read(restart, 'memory', count, 0),
    privateMemory: read(restart, 'privateMemory', count, 0),
    recycleAt: readSchedule(element, defaults, read),
    disallowOverlap: read(recycling, 'disallowOverlappingRotation', flag, false),
    rapidFail: read(failure, 'rapidFailProtection', flag, true),
    rapidFailMaxCrashes: read(failure, 'rapidFailProtectionMaxCrashes', count, 5),
    loadBalancerCapabilities: read(
      failure,
      'loadBalancerCapabilities',
      oneOf('HttpLevel', 'TcpLevel'),
      'HttpLevel',
    ),
  }
}

const scheduleAt = ['recycling', 'periodicRestart', 'schedule'] as const

/** A pool that has a schedule of its own, be it empty, takes none from the defaults. */
function readSchedule(
  element: XmlElement,
  defaults: readonly XmlElement[],
  read: SettingReader,
): Setting<number>[] {
  const own = within([element], ...scheduleAt)
  const inherited = own.length === 0
  const sections = inherited ? within(defaults, ...scheduleAt) : own
  return collected(sections, { key: 'value' }).flatMap((item): Setting<number>[] => {
    const setting = read({ own: [item], place: item.place }, 'value', timeOfDay, -1)
    if (setting.value < 0) return []
    return [{ ...setting, from: inherited ? 'defaults' : 'own' }]
  })
}
