/** The thread's side of probing on demand. */
import type { MessagePort } from 'node:worker_threads'
import type { ReadText } from '../config/yaml/text_file.ts'
import type { Resolve } from '../probe/connect/resolve.ts'
import type { Clock } from '../runtime/clock.ts'
import { serveRequests } from '../runtime/request_thread.ts'
import { debugText } from './debug_text.ts'
import { exposition } from './metrics/write_probe_metrics.ts'
import { createRegexps } from './module/regexps.ts'
import type { OnDemandRequests, Order, Settings } from './on_demand_messages.ts'
import { runProbe } from './run_module.ts'

export interface Tools {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly readText: ReadText
}

/** Replies with the whole answer, or undefined when there is none. A probe under way keeps its first settings. */
export function serveOnDemand(port: MessagePort, tools: Tools): void {
  let settings: Settings = { modules: new Map(), allowed: { patterns: [], places: new Map() } }
  let compile = createRegexps()
  serveRequests<OnDemandRequests>(
    port,
    (order, signal) => textOf(order, settings, { ...tools, compile }, signal),
    (given) => {
      settings = given
      compile = createRegexps()
    },
  )
}

async function textOf(
  { module: moduleName, debug, ...order }: Order,
  { modules, allowed }: Settings,
  tools: Tools & { readonly compile: ReturnType<typeof createRegexps> },
  signal: AbortSignal,
): Promise<string | undefined> {
  const module = modules.get(moduleName)
  if (module === undefined || !('http' in module)) return undefined
  try {
    const report = await runProbe(
      { ...order, moduleName, module: module.http },
      { ...tools, allowed },
      signal,
    )
    return debug ? debugText(report, module) : exposition(report.findings)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
