import { namesSecret } from './secret_names.ts'

/** What stands in the place of a secret. */
export const hidden = '<secret>'

/** A text without the credentials and the telling query parameters of a URL in it. */
export function hideInUrl(text: string): string {
  return text
    .replace(/\/\/[^/@\s]+@/g, `//${hidden}@`)
    .replace(/([?&])([^=&#]+)=([^&#]+)/g, (whole, mark: string, name: string) =>
      namesSecret(name) ? `${mark}${name}=${hidden}` : whole,
    )
}
