/** farmprobe as users run it: `farmprobe run` on a configuration file, asked over HTTP what it reported. */
import type { FarmEvent } from '../../../src/model/event.ts'
import { startFarmprobe as startProcess } from '../../../test/support/processes/farmprobe_process.ts'

/** An event in the API's form: with an id of its own, and the probe's under another name. */
type ApiEvent = FarmEvent & { readonly id: string; readonly probe?: string }

const asEmitted = (event: ApiEvent): FarmEvent =>
  event.kind === 'balancer_error' ? { ...event, id: event.probe ?? event.id } : event

export interface RunningFarmprobe extends AsyncDisposable {
  /** Every event so far. */
  events(): Promise<FarmEvent[]>
}

/** Starts it with these farms, each as a user would write it. */
export async function startFarmprobe(farms: readonly object[]): Promise<RunningFarmprobe> {
  const farmprobe = await startProcess({ farms })
  return {
    async events() {
      const { text } = await farmprobe.get('/api/v1/events?limit=10000')
      return (JSON.parse(text) as { events: ApiEvent[] }).events.map(asEmitted)
    },
    [Symbol.asyncDispose]: () => farmprobe[Symbol.asyncDispose](),
  }
}
