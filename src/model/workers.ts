/** What IIS itself tells of worker processes: windows_exporter counts new ones, WAS writes why the old ones ended. */

/** Who saw a recycle: farmprobe from outside, windows_exporter or WAS inside the node, or both. */
export const sides = ['both', 'outside', 'inside'] as const

export const workerCauses = [
  'recycle',
  'crash',
  'ping_failure',
  'startup_failure',
  'shutdown_failure',
  'start',
] as const

/** What windows_exporter counted with a new worker process; `start` where it counted nothing else, as after an idle stop. */
export type WorkerCause = (typeof workerCauses)[number]

export const endReasons = ['idle', 'schedule', 'requests', 'memory', 'crash', 'unhealthy', 'change'] as const

/**
 * Why a worker process ended, as WAS (the Windows service that starts and ends them) wrote it: `schedule` is its regular time
 * too, `crash` whatever it did not end of its own accord, `change` an administrator or the configuration.
 */
export type EndReason = (typeof endReasons)[number]

/** What WAS wrote when a worker process ended. */
export interface WorkerEnd {
  /** Wall milliseconds, by the clock of farmprobe. */
  readonly atMs: number
  /** Of the event: 5074, 5186, ... */
  readonly id: number
  readonly reason: EndReason
  /** As a clause: `recycled by its schedule`. */
  readonly what: string
}
