import { balancerName, type Farm } from '../../model/farm.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Random } from '../../runtime/random.ts'
import type { Scenario } from '../farm/blueprint.ts'
import { createSimulatedFarm } from '../farm/simulated_farm.ts'
import type { LogTruth } from '../farm/true_events.ts'
import { farmPlan } from '../farm_to_probe.ts'
import { startExporters } from './exporters.ts'
import type { Listening } from './listening.ts'
import { runInRealTime } from './running_farm.ts'
import { startBalancer } from './socket_balancer.ts'
import { startNode } from './socket_node.ts'

export type SocketFarm = Awaited<ReturnType<typeof startSocketFarm>>

export interface SocketFarmOptions {
  readonly scenario: Scenario
  readonly clock: Clock
  readonly random: Random
  /** Where to listen; 127.0.0.1 unless given. */
  readonly host?: string
  /** Every node has a windows_exporter, and the farm is cross-checked. */
  readonly exporters?: boolean
}

/**
 * Starts the farm on free ports. The balancer is a real proxy over the nodes' sockets, so its errors
 * come from what really happens there. Users are modelled, not sent; stalls of the prober do not happen here.
 */
export async function startSocketFarm(options: SocketFarmOptions) {
  const { scenario, clock, random, host = '127.0.0.1' } = options
  const listeners: LogTruth[] = []
  const nowMs = steadyTime(clock)
  const model = createSimulatedFarm(scenario, random, nowMs(), (event) => {
    for (const listener of listeners) listener(event)
  })
  const running = runInRealTime(model, clock, nowMs)
  const exporters = options.exporters ? await startExporters(scenario, host, clock) : undefined
  if (exporters !== undefined) listeners.push(exporters.record)
  const listening = new Map<string, Listening>()
  const addressOf = (target: string) => ({ host, port: listening.get(target)?.port ?? 0 })
  for (const node of model.nodes) listening.set(node.name, await startNode(running, node, host))
  listening.set(balancerName, await startBalancer(running, addressOf, host))
  /** The farm to probe, with the ports that were free. */
  const farm: Farm = {
    ...farmPlan(scenario, addressOf),
    ...(exporters && { crosscheck: exporters.crosscheck }),
  }
  return {
    farm,
    truth: model.truth,
    /** Calls `listener` for everything that happens from now on. */
    onTruth: (listener: LogTruth): void => void listeners.push(listener),
    async stop(): Promise<void> {
      // What happens because connections end now is not reported.
      listeners.length = 0
      running.stop()
      await Promise.all([...listening.values(), ...(exporters ? [exporters] : [])].map((each) => each.stop()))
    },
  }
}

/** The time of the model, in wall milliseconds: it must not jump when the wall clock does. */
function steadyTime(clock: Clock): () => number {
  const offsetMs = clock.wallMs() - clock.monotonicMs()
  return () => offsetMs + clock.monotonicMs()
}
