/** A request that is rejected before the app sees it, or a connection that is closed. */
export interface Rejection {
  readonly why: RejectionReason
  readonly status: 400 | 401 | 403 | 413 | 429 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** The set is closed: `farmprobe_web_turned_away_total` counts each. */
type RejectionReason =
  | 'connections'
  | 'certificate'
  | 'host'
  | 'rate'
  | 'no_password'
  | 'password'
  | 'passwords_busy'
  | 'body'
  | 'scrapes'
  | 'streams'
  | 'probes'
  | 'answers'
  | 'pages'
  | 'pipelined'
  | 'resets'

export type OnRejection = (why: RejectionReason) => void
