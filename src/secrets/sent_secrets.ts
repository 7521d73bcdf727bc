/** The secrets that a check sends, and texts from its targets without them: error pages like to repeat the request. */

import type { Check } from '../model/farm.ts'
import { least } from '../runtime/extremes.ts'
import { hidden, namesSecret } from './hide.ts'

/** Shorter ones occur by chance and would blot out the page. */
const minLength = 4

/** Of the value of a header whose name is of no secret; a word such as `https` is none. */
const minOtherLength = 12

/** Headers that say how to answer, and that answers repeat too: their values are not secret. */
const plainHeader =
  /^(accept(-.*)?|cache-control|content-(type|language|encoding)|host|pragma|user-agent|x-requested-with)$/i

const known = new WeakMap<Check, readonly string[]>()

/** The secrets that a check sends, in every spelling in which a page may repeat them, the longest first. */
export function sentSecrets(check: Check): readonly string[] {
  const found = known.get(check) ?? spellings(sentBy(check))
  known.set(check, found)
  return found
}

/** A text from a target without the secrets of its check. */
export const hideSent = (text: string, check: Check): string =>
  sentSecrets(check).reduce((shown, secret) => shown.replaceAll(secret, hidden), text)

/** A quoted secret may be cut off at the end of the quotation: this much of its beginning gives it away. */
const tellingLength = 12

/** A sentence that quotes a target, cut off before the first secret of its check in it. */
export function cutAtSent(sentence: string, check: Check): string {
  const found = sentSecrets(check).map((secret) => sentence.indexOf(secret.slice(0, tellingLength)))
  const first = least(found.filter((at) => at >= 0))
  return Number.isFinite(first) ? `${sentence.slice(0, first)}${hidden}…` : sentence
}

function sentBy({ headers, authorization, path, body }: Check): string[] {
  const values = headers
    .filter(
      ([name, { length }]) => namesSecret(name) || (!plainHeader.test(name) && length >= minOtherLength),
    )
    .map(([, value]) => value)
  const cookies = headers
    .filter(([name]) => /^cookie$/i.test(name))
    .flatMap(([, value]) => cookieValues(value))
  const parameters = [...new URLSearchParams(path.replace(/^[^?]*\??/, '').replace(/#.*$/s, ''))]
  return [
    ...values,
    ...cookies,
    ...values.flatMap(credentialsIn),
    ...(authorization === undefined ? [] : [authorization, ...credentialsIn(authorization)]),
    ...parameters.filter(([name]) => namesSecret(name)).map(([, value]) => value),
    ...(body === undefined ? [] : [body]),
  ]
}

const cookieValues = (header: string) =>
  header.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())

/** The credentials of an Authorization without their scheme; of basic ones, the password too. */
function credentialsIn(authorization: string): string[] {
  const [, scheme = '', credentials] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
  if (credentials === undefined) return []
  if (scheme.toLowerCase() !== 'basic') return [credentials]
  const plain = Buffer.from(credentials, 'base64').toString('utf8')
  return [credentials, plain, plain.slice(plain.indexOf(':') + 1)]
}

function spellings(secrets: readonly string[]): string[] {
  const all = secrets
    .filter((secret) => secret.length >= minLength)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret.toWellFormed()),
      secret
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;'),
      JSON.stringify(secret).slice(1, -1),
    ])
  return [...new Set(all)].sort((a, b) => b.length - a.length)
}
