import type { Check } from '../../model/farm.ts'
import type { Evidence } from '../../model/outcome.ts'
import type { Answer } from '../exchange/answer.ts'
import { secretsOf } from './secrets_of.ts'

/** How much of a body explains a failure. */
const bodyStartBytes = 2048
const maxHeaders = 64
const maxValueLength = 1024

/**
 * What is kept of an answer that needs explaining. Error pages like to repeat the request, so our credentials are
 * taken out of it.
 */
export function evidenceOf(answer: Answer, text: string, check: Check): Evidence {
  const secrets = secretsOf(check)
  const safe = (value: string, length: number) => hide(value.slice(0, length * 2), secrets).slice(0, length)
  return {
    statusText: safe(answer.statusText, 256),
    headers: answer.headers
      .slice(0, maxHeaders)
      .map(([name, value]) => [safe(name, 256), safe(withoutCookie(name, value), maxValueLength)] as const),
    bodyStart: safe(text, bodyStartBytes),
  }
}

/** A cookie is a key to the session that it began: its name and its attributes say enough. */
const withoutCookie = (name: string, value: string) =>
  name.toLowerCase() === 'set-cookie' ? value.replace(/^([^=;]*=)[^;]+/, '$1<secret>') : value

/** A secret that a sentence quotes may be cut off in it: its beginning gives it away. */
const telling = 12

/** A sentence that quotes the peer, cut off before the first of our secrets that the peer repeats in it. */
export function withoutSecrets(sentence: string, check: Check): string {
  const found = secretsOf(check).map((secret) => sentence.indexOf(secret.slice(0, telling)))
  const first = Math.min(...found.filter((at) => at >= 0))
  return Number.isFinite(first) ? `${sentence.slice(0, first)}<secret>…` : sentence
}

/** A text of the peer's without our secrets. */
export const withoutEchoes = (text: string, check: Check): string => hide(text, secretsOf(check))

const hide = (text: string, secrets: readonly string[]) =>
  secrets.reduce((shown, secret) => shown.replaceAll(secret, '<secret>'), text)
