import { hourMs, minuteMs } from '../../runtime/duration.ts'
import { count, flag, oneOf, text, timeOfDay, timeSpan } from './kinds.ts'
import { collected } from './locations.ts'
import type { Server } from './server.ts'
import { textOf, within, type XmlElement } from './xml_element.ts'

/** An application pool with everything in force for it; times in milliseconds. */
export type Pool = ReturnType<typeof readPool>

export function readPools(server: Server): Pool[] {
  const sections = server.find('system.applicationHost/applicationPools', '')
  const defaults = within(sections, 'applicationPoolDefaults')
  return collected(sections, { key: 'name' }).map((element) => readPool(element, defaults, server))
}

function readPool(element: XmlElement, defaults: readonly XmlElement[], server: Server) {
  const { place } = element
  const read = server.settingsOf({ own: [element], defaults, place })
  return {
    name: textOf(element, 'name'),
    place,
    autoStart: read('autoStart', flag, true),
    startMode: read('startMode', oneOf('OnDemand', 'AlwaysRunning'), 'OnDemand'),
    managedRuntimeVersion: read('managedRuntimeVersion', text, ''),
    queueLength: read('queueLength', count, 1000),
    idleTimeoutMs: read('processModel.idleTimeout', timeSpan, 20 * minuteMs),
    idleTimeoutAction: read('processModel.idleTimeoutAction', oneOf('Terminate', 'Suspend'), 'Terminate'),
    maxProcesses: read('processModel.maxProcesses', count, 1),
    startupTimeLimitMs: read('processModel.startupTimeLimit', timeSpan, 90_000),
    shutdownTimeLimitMs: read('processModel.shutdownTimeLimit', timeSpan, 90_000),
    pingingEnabled: read('processModel.pingingEnabled', flag, true),
    pingResponseTimeMs: read('processModel.pingResponseTime', timeSpan, 90_000),
    identityType: read('processModel.identityType', text, 'ApplicationPoolIdentity'),
    userName: read('processModel.userName', text, ''),
    /** In thousandths of a percent; 0 is no limit. */
    cpuLimit: read('cpu.limit', count, 0),
    cpuAction: read('cpu.action', text, 'NoAction'),
    /** Which recycles the System log gets; by default IIS 10 logs all, IIS before it three kinds. */
    logEventOnRecycle: read('recycling.logEventOnRecycle', text, ''),
    recycleEveryMs: read('recycling.periodicRestart.time', timeSpan, 29 * hourMs),
    recycleAfterRequests: read('recycling.periodicRestart.requests', count, 0),
    /** In KiB, as is `privateMemory`; 0 is no limit. */
    virtualMemory: read('recycling.periodicRestart.memory', count, 0),
    privateMemory: read('recycling.periodicRestart.privateMemory', count, 0),
    /** Minutes after midnight. */
    recycleAt: readSchedule(element, defaults, server),
    disallowOverlap: read('recycling.disallowOverlappingRotation', flag, false),
    rapidFail: read('failure.rapidFailProtection', flag, true),
    rapidFailMaxCrashes: read('failure.rapidFailProtectionMaxCrashes', count, 5),
    loadBalancerCapabilities: read(
      'failure.loadBalancerCapabilities',
      oneOf('HttpLevel', 'TcpLevel'),
      'HttpLevel',
    ),
  }
}

const scheduleAt = ['recycling', 'periodicRestart', 'schedule'] as const

/** A pool that has a schedule of its own, be it empty, takes none from the defaults. */
function readSchedule(element: XmlElement, defaults: readonly XmlElement[], { settingsOf }: Server) {
  const own = within([element], ...scheduleAt)
  const from = own.length === 0 ? ('defaults' as const) : ('own' as const)
  const sections = own.length === 0 ? within(defaults, ...scheduleAt) : own
  return collected(sections, { key: 'value' })
    .map((item) => settingsOf({ own: [item], place: item.place })('value', timeOfDay, -1))
    .filter(({ value }) => value >= 0)
    .map((setting) => ({ ...setting, from }))
}
