/** The secrets that a request sends: error pages like to repeat it, and what is kept of them must not hold any. */

import type { Check } from '../model/farm.ts'
import { type Conceal, concealing } from './conceal.ts'
import { namesSecret } from './hide.ts'

/** The parts of a request that may be secret. */
export type Sent = Pick<Check, 'headers' | 'path' | 'authorization' | 'windowsAuth' | 'body'>

/** Of the value of a header whose name is of no secret; a word such as `https` is none. */
const minOtherLength = 12

/** Headers that say how to answer, and that answers repeat too: their values are not secret. */
const plainHeader =
  /^(accept(-.*)?|cache-control|content-(type|language|encoding)|host|pragma|user-agent|x-requested-with)$/i

/** So many characters of a body are secret, whatever they say. */
const wholeBody = 64 * 1024
/** In so many characters of a body, fields are looked for whose names say that they are secret. */
const searchedBody = 1024 * 1024

const known = new WeakMap<Sent, Conceal>()

/** Conceals what a request sends. */
export function concealSent(sent: Sent): Conceal {
  const found = known.get(sent) ?? concealing(sentSecrets(sent))
  known.set(sent, found)
  return found
}

/** The secrets that a request sends, as they are written in it. */
export function sentSecrets({ headers, authorization, windowsAuth, path, body }: Sent): string[] {
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
    ...(windowsAuth?.by === 'ntlm' ? [windowsAuth.password] : []),
    ...parameters.filter(([name]) => namesSecret(name)).map(([, value]) => value),
    ...(body === undefined ? [] : [body.slice(0, wholeBody), ...fieldsIn(body.slice(0, searchedBody))]),
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

/**
 * Names and their values: in a form, in JSON, in XML. A name begins where none goes on, or a body that is one long word would
 * be read again from each of its characters.
 */
const fields = [
  /(?<![\w.-])([\w.-]+)=([^&\s]+)/g,
  /"([\w.-]{1,64})"\s{0,9}:\s{0,9}"((?:\\.|[^"\\])*)"/g,
  /<(?:[\w.-]{1,64}:)?([\w.-]{1,64})(?:\s[^<>]{0,999})?>([^<]+)</g,
]

const fieldsIn = (body: string): string[] =>
  fields
    .flatMap((field) => [...body.matchAll(field)])
    .flatMap(([, name = '', value = '']) => (namesSecret(name) ? value : []))
