/** How large a request's body may be. */

export const wasPath = '/api/v1/was'

/** A thousand events of WAS, in bytes. */
export const mostWasBytes: number = 1024 * 1024

/** The largest of all other routes, in bytes. */
export const maxBodyBytes: number = 64 * 1024

/** The largest that is taken at a URL, in bytes. */
export const mostBytesAt = (url = ''): number =>
  /^\/api\/v1\/was\/?(\?|$)/.test(url) ? mostWasBytes : maxBodyBytes

/** Characters of a mark: longer ones are a text, and belong into a ticket. */
export const longestMark = 500
