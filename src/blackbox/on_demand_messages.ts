/** What the main thread and the thread that probes on demand say to each other. All of it survives a structured clone. */
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

export type ToThread =
  | ({ readonly kind: 'settings' } & Settings)
  | { readonly kind: 'probe'; readonly id: number; readonly order: Order }
  | { readonly kind: 'cancel'; readonly id: number }

/** `text` is the whole answer; there is none when the probe was called off, or when it met a fault of ours. */
export interface FromThread {
  readonly id: number
  readonly text: string | undefined
}
