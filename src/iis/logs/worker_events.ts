/** What events of Windows say of workers of IIS: those of WAS (the service that starts them) and of ASP.NET Core's module. */

export interface WorkerEvent {
  readonly atMs: number
  /** The machine as the event names it. */
  readonly computer: string
  /** The application pool; empty when it is not said. */
  readonly pool: string
  readonly id: number
  /** What happened, as a clause: `recycled by its schedule`. */
  readonly what: string
  /** The worker went, or a new one came: requests may have waited for the new one. */
  readonly isRecycle: boolean
  readonly file: string
  readonly line: number
}

/** Of provider `Microsoft-Windows-WAS`. `-`: no worker went for it. */
const byId: ReadonlyMap<number, string> = new Map([
  [2299, 'recycled: the application reported itself unhealthy'],
  [5002, '- pool disabled by rapid-fail protection'],
  [5005, '- WAS stopped'],
  [5009, 'ended unexpectedly'],
  [5010, 'ended: it did not answer a ping'],
  [5011, 'ended: a fatal error of its communication with WAS'],
  [5012, 'ended: a fatal error of its communication with WAS'],
  [5013, 'killed: it exceeded its shutdown time limit'],
  [5057, '- pool disabled: its identity is invalid'],
  [5059, '- pool disabled after failures to start'],
  [5074, 'recycled after its regular time'],
  [5075, 'recycled after its number of requests'],
  [5076, 'recycled by its schedule'],
  [5077, 'recycled for virtual memory'],
  [5078, 'recycled: the application reported itself unhealthy'],
  [5079, 'recycled by an administrator'],
  [5080, 'recycled after a change of the configuration'],
  [5081, 'recycled: WAS recovered its configuration store'],
  [5093, '- an overlapped recycle failed'],
  [5117, 'recycled for private memory'],
  [5138, 'ended: it did not stop its listeners in time'],
  [5186, 'ended by its idle time-out'],
  [5189, '- WAS cannot write its temporary configuration'],
  [5192, '- WAS shortens idle time-outs under memory pressure'],
  [5193, '- WAS shortens idle time-outs much under memory pressure'],
  [5194, '- idle time-outs are as configured again'],
  [5195, 'ended by its idle time-out, which memory pressure had shortened'],
])

/** Of the module of ASP.NET Core. */
const byModuleId: ReadonlyMap<number, string> = new Map([
  [1032, '- application started'],
  [1033, 'application shut down'],
])

/** An event as Windows has it, from XML or CSV. */
export interface WindowsEvent extends Pick<WorkerEvent, 'atMs' | 'computer' | 'id' | 'file' | 'line'> {
  readonly provider: string
  readonly pool: string
}

/** Undefined: it says nothing of workers. */
export function workerEventOf({ provider, ...event }: WindowsEvent): WorkerEvent | undefined {
  const words = /ASP\.?Net\s*Core/i.test(provider)
    ? byModuleId.get(event.id)
    : /(^|-)WAS$/i.test(provider)
      ? byId.get(event.id)
      : undefined
  if (words === undefined || Number.isNaN(event.atMs)) return undefined
  return { ...event, what: words.replace(/^- /, ''), isRecycle: !words.startsWith('- ') }
}
