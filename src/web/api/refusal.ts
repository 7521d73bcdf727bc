/** A request that is not answered as it wishes: thrown by handlers, sent to the client. */
export class Refusal extends Error {
  readonly status: 400 | 403 | 404 | 413 | 415

  /** The message says what is wrong and what would be right. */
  constructor(status: Refusal['status'], message: string) {
    super(message)
    this.status = status
  }
}

/** The message where changes over HTTP are not allowed. */
export const notEnabled = (change: string): string =>
  `${change} over HTTP is not enabled: start farmprobe with --web.enable-lifecycle.`
