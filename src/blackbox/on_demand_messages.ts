/** The messages between the main thread and the thread that probes on demand. All of them survive a structured clone. */
import type { AllowedTargets } from '../addresses/allowed_target.ts'
import type { Modules } from './module/module.ts'

/** What probes may do, and how. */
export interface Settings {
  readonly modules: Modules
  readonly allowed: AllowedTargets
}

/** One probe on demand. */
export interface Order {
  readonly module: string
  readonly target: string
  readonly hostname: string | undefined
  readonly timeoutMs: number
  /** The answer is to tell what happened, for people. */
  readonly debug: boolean
}

export interface OnDemandRequests {
  readonly request: Order
  /** The whole answer; undefined when the probe was aborted. */
  readonly reply: string | undefined
  readonly settings: Settings
}
