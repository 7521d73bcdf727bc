/** The thread's side of probing on demand. */
import type { AllowedTargets } from '../addresses/allowed_target.ts'
import { createRegexps } from '../runtime/regexp.ts'
import { serveRequests } from '../runtime/request_thread.ts'
import { exposition } from './metrics/probe_metrics.ts'
import type { Module, Modules } from './module/module.ts'
import { type Report, runModule, type Tools } from './run_module.ts'

export interface OnDemandOrder {
  readonly module: string
  readonly target: string
  readonly hostname: string | undefined
  readonly timeoutMs: number
  /** Reply with the debug text instead of the metrics. */
  readonly debug: boolean
}

/** The messages between both threads. All of them survive a structured clone. */
export interface OnDemandRequests {
  readonly request: OnDemandOrder
  /** The whole answer; undefined when the probe was aborted. */
  readonly reply: string | undefined
  /** Hold for the probes that begin from now on. */
  readonly settings: { readonly modules: Modules; readonly allowed: AllowedTargets }
}

/** Replies with the whole answer, or undefined when there is none. A probe under way keeps its first settings. */
export function serveOnDemand(given: Omit<Tools, 'allowed' | 'compile'>): void {
  let settings: OnDemandRequests['settings'] = {
    modules: new Map(),
    allowed: { patterns: [], places: new Map() },
  }
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
