/** What makes an event the one it is, beside its farm, time and kind; a second row of the same event is refused. */
import type { FarmEvent } from '../../model/event.ts'

export function eventSubject(event: FarmEvent): string {
  if (event.kind === 'balancer_error') return event.id
  if (event.kind === 'verdict') return `${event.check} ${event.previous} ${event.verdict}`
  if (event.kind === 'deploy') return event.targets.join(' ')
  if (event.kind === 'habit') return `${event.target} ${event.habit}`
  if (event.kind === 'maintenance') return event.active ? 'begins' : 'ends'
  if (event.kind === 'crosscheck') return `${event.target} ${event.seen}`
  return 'check' in event ? `${event.target} ${event.check}` : event.target
}

/** The target whose story it belongs to; empty when it is the farm's. */
export function eventTarget(event: FarmEvent): string {
  if ('target' in event) return event.target
  return event.kind === 'balancer_error' ? event.node : ''
}
