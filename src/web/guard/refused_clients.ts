/** Why a client was not let in, or a request not answered: the set is closed. */
type WhyTurnedAway =
  | 'connections'
  | 'certificate'
  | 'rate'
  | 'no_password'
  | 'password'
  | 'passwords_busy'
  | 'body'
  | 'scrapes'
  | 'streams'

/** Hears of each. */
export type OnTurnedAway = (why: WhyTurnedAway) => void

/** A request that is not let in, and what it is told. */
export interface TurnedAway {
  readonly why: WhyTurnedAway
  readonly status: 401 | 413 | 429 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}
