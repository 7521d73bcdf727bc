/** What of a request nobody may read in what its answer repeats. */
import type { Check } from '../../model/farm.ts'
import { namesSecret } from '../../secrets/secret_names.ts'

/** Shorter ones are found by chance and would blot out the page. */
const shortest = 4

/** Of a header whose name speaks of no secret; a word such as `https` is none. */
const shortestOther = 12

/** Headers that say how to answer, and that answers name too: their values are no secrets. */
const plainHeader =
  /^(accept(-.*)?|cache-control|content-(type|language|encoding)|host|pragma|user-agent|x-requested-with)$/i

const known = new WeakMap<Check, readonly string[]>()

/** The secrets that a check sends, in every spelling in which a page may repeat them, the longest first. */
export function secretsOf(check: Check): readonly string[] {
  const found = known.get(check) ?? spellings(sentBy(check))
  known.set(check, found)
  return found
}

function sentBy({ headers, authorization, path, body }: Check): string[] {
  const values = headers
    .filter(([name, { length }]) => namesSecret(name) || (!plainHeader.test(name) && length >= shortestOther))
    .map(([, value]) => value)
  const cookies = headers
    .filter(([name]) => /^cookie$/i.test(name))
    .flatMap(([, value]) => cookieValues(value))
  const parameters = [...new URLSearchParams(path.replace(/^[^?]*\??/, '').replace(/#.*$/s, ''))]
  return [
    ...values,
    ...cookies,
    ...values.flatMap(partsOf),
    ...(authorization === undefined ? [] : [authorization, ...partsOf(authorization)]),
    ...parameters.filter(([name]) => namesSecret(name)).map(([, value]) => value),
    ...(body === undefined ? [] : [body]),
  ]
}

const cookieValues = (header: string) =>
  header.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())

/** The credentials without their scheme; of basic ones, the password too. */
function partsOf(authorization: string): string[] {
  const [, scheme = '', credentials] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
  if (credentials === undefined) return []
  if (scheme.toLowerCase() !== 'basic') return [credentials]
  const plain = Buffer.from(credentials, 'base64').toString('utf8')
  return [credentials, plain, plain.slice(plain.indexOf(':') + 1)]
}

function spellings(secrets: readonly string[]): string[] {
  const all = secrets
    .filter((secret) => secret.length >= shortest)
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
