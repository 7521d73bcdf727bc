/** What is secret by the name of what holds it, and what is shown instead. */

/** Shown in place of a secret. */
export const hidden = '<secret>'

/** Words in the names of headers, query parameters and keys whose values are secret. */
const secretWord = /auth|cookie|token|secret|pass|pwd|session|credential|sign|key|^sig$/i

/** The name of a header, a query parameter or a key says that its value is secret. */
export const namesSecret = (name: string): boolean => secretWord.test(name)

/**
 * To the last @ before the path; and of a password that is not escaped, and may hold anything, to the last @ of all. What
 * follows the colon of a host is a port.
 */
const credentials = /\/\/(?:[^/?#\s]+|[^/?#\s@:[]+:(?!\d+(?:[/?#]|$))\S{0,200})@/g

/** A text without the credentials and the secret query parameters of the URLs in it. */
export function hideInUrl(text: string): string {
  return text
    .replace(credentials, `//${hidden}@`)
    .replace(/([?&])([^=?&#]+)=([^&#]+)/g, (whole, mark: string, name: string) =>
      namesSecret(name) ? `${mark}${name}=${hidden}` : whole,
    )
}
