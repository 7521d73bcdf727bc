/** Who is told of incidents over HTTP. */
import type { TlsSettings } from './farm.ts'
import type { impacts } from './incident.ts'

export const webhookFormats = ['json', 'teams', 'slack'] as const

/** What a webhook can be told: that an incident begins, and that it is over. */
export const occasions = ['opened', 'closed'] as const

export type Occasion = (typeof occasions)[number]

/** Where messages are posted to. */
export interface Endpoint {
  /** Unique among all receivers. Metrics and the log show it, so that it holds no secret. */
  readonly name: string
  /** May be a secret itself, as those of Teams and Slack are. */
  readonly url: string
  /** The value of the header `Authorization`. */
  readonly authorization?: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly tls: TlsSettings
}

export interface Alertmanager extends Endpoint {
  readonly kind: 'alertmanager'
}

export interface Webhook extends Endpoint {
  readonly kind: 'webhook'
  readonly format: (typeof webhookFormats)[number]
  readonly on: readonly Occasion[]
  readonly impacts: readonly (typeof impacts)[number][]
}

export type Receiver = Alertmanager | Webhook
