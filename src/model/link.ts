/** The links between a balancer and its nodes. */
export const linkStates = ['ok', 'failing', 'elsewhere'] as const

/**
 * How a node is reached through the balancer, by its affinity cookie. `failing`: it is not, while it answers by itself and
 * others are reached. `elsewhere`: another node answers in its place, while it answers by itself.
 */
export type LinkState = (typeof linkStates)[number]

/** A change of it, as an event tells it. */
export interface LinkChange {
  readonly kind: 'link'
  /** The node. */
  readonly target: string
  readonly state: LinkState
  readonly previous: LinkState
  /** How long the previous state held, in milliseconds; of one that begins, how long it has been seen. */
  readonly lengthMs: number
  /** Failed probes of the failure that begins or is over, by status code or reason. */
  readonly failures: Readonly<Record<string, number>>
  /** The node that answered instead. */
  readonly other?: string
}
