import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A request that cannot be granted; the message tells the client why, and what would be right. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode

  constructor(status: ContentfulStatusCode, message: string) {
    super(message)
    this.status = status
  }
}
