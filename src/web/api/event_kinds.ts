import type { FarmEvent } from '../../model/event.ts'

const all: Record<FarmEvent['kind'], true> = {
  recycle: true,
  first_request: true,
  outage_opened: true,
  outage_closed: true,
  verdict: true,
  balancer_error: true,
  deploy: true,
  habit: true,
  maintenance: true,
  crosscheck: true,
  exporter: true,
}

/** Every kind of event there is. */
export const eventKinds = Object.keys(all) as readonly FarmEvent['kind'][]
