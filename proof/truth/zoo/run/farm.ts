/** The parts that running a farm shares. */
import type { Random } from '../../../../src/runtime/random.ts'
import type { Kind, NodeServer } from '../kind.ts'
import type { FarmAddresses } from './addresses.ts'
import type { Programs } from './processes.ts'

export interface FarmPlan {
  readonly kind: Kind
  readonly intervalMs: number
  readonly seed: number
  /** The length of the scored time. */
  readonly forMs: number
}

/** One run of a farm. */
export interface FarmRun {
  readonly plan: FarmPlan
  readonly folder: string
  readonly programs: Programs
  readonly addresses: FarmAddresses
  /** The run and its peers end after this time. */
  readonly longestMs: number
  readonly random: Random
}

export interface StartedNode {
  readonly name: string
  /** `ip:port` */
  readonly address: string
  readonly server: NodeServer
  /** The path of the application's log. */
  readonly log: string
}

/** The seed of something that has its own source of chance. */
export const draw = (random: Random): number => Math.floor(random() * 2 ** 32)
