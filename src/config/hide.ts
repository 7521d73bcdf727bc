/** What stands in the place of a secret. */
export const hidden = '<secret>'

/** Headers and query parameters that carry secrets, by the words people name them with. */
const secretWord = /auth|cookie|token|secret|pass|pwd|session|credential|sign|key|^sig$/i

export const namesSecret = (name: string): boolean => secretWord.test(name)

/** A text without the credentials and the telling query parameters of a URL in it. */
export function hideInUrl(text: string): string {
  return text
    .replace(/\/\/[^/@\s]+@/g, `//${hidden}@`)
    .replace(/([?&])([^=&#]+)=([^&#]+)/g, (whole, mark: string, name: string) =>
      namesSecret(name) ? `${mark}${name}=${hidden}` : whole,
    )
}
