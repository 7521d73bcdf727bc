/** The thread's side of probing on demand. */
import type { MessagePort } from 'node:worker_threads'
import type { ReadText } from '../config/yaml/text_file.ts'
import type { Resolve } from '../probe/connect/resolve.ts'
import type { Clock } from '../runtime/clock.ts'
import { debugText } from './debug_text.ts'
import { exposition } from './metrics/write_probe_metrics.ts'
import { createRegexps } from './module/regexps.ts'
import type { FromThread, Order, Settings, ToThread } from './on_demand_messages.ts'
import { runProbe } from './run_module.ts'

export interface Tools {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly readText: ReadText
}

/** Probes what the main thread says on `port`. A probe under way keeps the settings with which it began. */
export function serveOnDemand(port: MessagePort, tools: Tools): void {
  const underWay = new Map<number, AbortController>()
  let settings: Settings = { modules: new Map(), allowed: { patterns: [], places: new Map() } }
  let compile = createRegexps()
  const answer = async (id: number, order: Order) => {
    const control = new AbortController()
    underWay.set(id, control)
    const message: FromThread = {
      id,
      text: await textOf(order, settings, { ...tools, compile }, control.signal),
    }
    underWay.delete(id)
    port.postMessage(message)
  }
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'settings':
        settings = message
        compile = createRegexps()
        break
      case 'probe':
        void answer(message.id, message.order)
        break
      case 'cancel':
        underWay.get(message.id)?.abort()
        break
    }
  })
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
