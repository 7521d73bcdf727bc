/** The thread's side of probing on demand. */
import { serveRequests } from '../runtime/request_thread.ts'
import { exposition } from './metrics/probe_metrics.ts'
import type { Module } from './module/module.ts'
import { createRegexps } from './module/regexps.ts'
import type { OnDemandOrder, OnDemandRequests, OnDemandSettings } from './on_demand_thread.ts'
import { type Report, runModule, type Tools } from './run_module.ts'

/** Replies with the whole answer, or undefined when there is none. A probe under way keeps its first settings. */
export function serveOnDemand(given: Omit<Tools, 'allowed' | 'compile'>): void {
  let settings: OnDemandSettings = { modules: new Map(), allowed: { patterns: [], places: new Map() } }
  let compile = createRegexps()
  serveRequests<OnDemandRequests>(
    (order, signal) => {
      const { modules, allowed } = settings
      return textOf(order, modules.get(order.module), { ...given, compile, allowed }, signal)
    },
    (next) => {
      settings = next
      compile = createRegexps()
    },
  )
}

async function textOf(
  { module: moduleName, debug, ...order }: OnDemandOrder,
  module: Module | undefined,
  tools: Tools,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (module === undefined || !('http' in module)) return undefined
  try {
    const report = await runModule({ ...order, moduleName, module: module.http }, tools, signal)
    return debug ? debugText(report, module) : exposition(report.result)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** What happened, the metrics and the module, laid out as by the exporter: scripts cut it at its headings. */
const debugText = ({ log, result }: Report, { shown }: Module): string =>
  [
    `Logs for the probe:\n${log.map((line) => `${line}\n`).join('')}`,
    `Metrics that would have been returned:\n${exposition(result)}`,
    `Module configuration:\n${shown}`,
  ].join('\n\n\n')
