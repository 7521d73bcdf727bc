/** What events of Windows say of workers of IIS: those of WAS (the service that starts them) and of ASP.NET Core's module. */
import type { EndReason } from '../../model/workers.ts'

export interface WorkerEvent {
  readonly atMs: number
  /** The machine as the event names it. */
  readonly computer: string
  /** The application pool; empty when it is not said. */
  readonly pool: string
  readonly id: number
  /** What happened, as a clause: `recycled by its schedule`. */
  readonly what: string
  /** Why the worker ended: requests may have waited for a new one. Undefined: none ended. */
  readonly reason: EndReason | undefined
  /** Of the worker; empty when it is not said. */
  readonly process: string
  readonly file: string
  readonly line: number
}

/** Why a worker ended, and what happened in words; no worker ended for what has no reason. */
type Meaning = readonly [reason: EndReason | undefined, words: string]

/** Of provider `Microsoft-Windows-WAS`. */
const byId: ReadonlyMap<number, Meaning> = new Map([
  [2299, ['unhealthy', 'recycled: the application reported itself unhealthy']],
  [5002, [undefined, 'pool disabled by rapid-fail protection']],
  [5005, [undefined, 'WAS stopped']],
  [5009, ['crash', 'ended unexpectedly']],
  [5010, ['crash', 'ended: it did not answer a ping']],
  [5011, ['crash', 'ended: a fatal error of its communication with WAS']],
  [5012, ['crash', 'ended: a fatal error of its communication with WAS']],
  [5013, ['crash', 'killed: it exceeded its shutdown time limit']],
  [5057, [undefined, 'pool disabled: its identity is invalid']],
  [5059, [undefined, 'pool disabled after failures to start']],
  [5074, ['schedule', 'recycled after its regular time']],
  [5075, ['requests', 'recycled after its number of requests']],
  [5076, ['schedule', 'recycled by its schedule']],
  [5077, ['memory', 'recycled for virtual memory']],
  [5078, ['unhealthy', 'recycled: the application reported itself unhealthy']],
  [5079, ['change', 'recycled by an administrator']],
  [5080, ['change', 'recycled after a change of the configuration']],
  [5081, ['change', 'recycled: WAS recovered its configuration store']],
  [5093, [undefined, 'an overlapped recycle failed']],
  [5117, ['memory', 'recycled for private memory']],
  [5138, ['crash', 'ended: it did not stop its listeners in time']],
  [5186, ['idle', 'ended by its idle time-out']],
  [5189, [undefined, 'WAS cannot write its temporary configuration']],
  [5192, [undefined, 'WAS shortens idle time-outs under memory pressure']],
  [5193, [undefined, 'WAS shortens idle time-outs much under memory pressure']],
  [5194, [undefined, 'idle time-outs are as configured again']],
  [5195, ['idle', 'ended by its idle time-out, which memory pressure had shortened']],
])

/** Of the module of ASP.NET Core. */
const byModuleId: ReadonlyMap<number, Meaning> = new Map([
  [1032, [undefined, 'application started']],
  [1033, ['change', 'application shut down']],
])

/** An event as Windows has it, from XML or CSV. */
export interface WindowsEvent extends Pick<WorkerEvent, 'atMs' | 'computer' | 'id' | 'file' | 'line'> {
  readonly provider: string
  readonly pool: string
  readonly process: string
}

/** Undefined: it says nothing of workers. */
export function workerEventOf({ provider, ...event }: WindowsEvent): WorkerEvent | undefined {
  const meaning = /ASP\.?Net\s*Core/i.test(provider)
    ? byModuleId.get(event.id)
    : /(^|-)WAS$/i.test(provider)
      ? byId.get(event.id)
      : undefined
  if (meaning === undefined || Number.isNaN(event.atMs)) return undefined
  const [reason, what] = meaning
  return { ...event, reason, what }
}
