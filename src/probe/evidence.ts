import type { Check } from '../model/farm.ts'
import type { Evidence } from '../model/outcome.ts'
import type { Answer } from './answer.ts'

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
      .map(([name, value]) => [safe(name, 256), safe(value, maxValueLength)] as const),
    bodyStart: safe(text, bodyStartBytes),
  }
}

/** A secret that a sentence quotes may be cut off in it: its beginning gives it away. */
const telling = 12

/** A sentence that quotes the peer, cut off before the first of our secrets that the peer repeats in it. */
export function withoutSecrets(sentence: string, check: Check): string {
  const found = secretsOf(check).map((secret) => sentence.indexOf(secret.slice(0, telling)))
  const first = Math.min(...found.filter((at) => at >= 0))
  return Number.isFinite(first) ? `${sentence.slice(0, first)}<secret>…` : sentence
}

const secretHeader = /auth|cookie|token|secret|key|password/i

function secretsOf(check: Check): string[] {
  const secrets = check.headers.filter(([name]) => secretHeader.test(name)).map(([, value]) => value)
  if (check.authorization !== undefined) secrets.push(check.authorization, ...partsOf(check.authorization))
  // Shorter ones are found by chance and would blot out the page.
  return secrets.filter((secret) => secret.length >= 4)
}

/** The credentials without their scheme; of basic ones, the password too. */
function partsOf(authorization: string): string[] {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2)
  if (scheme.toLowerCase() !== 'basic') return [credentials]
  const plain = Buffer.from(credentials, 'base64').toString('utf8')
  return [credentials, plain.slice(plain.indexOf(':') + 1)]
}

const hide = (text: string, secrets: readonly string[]) =>
  secrets.reduce((shown, secret) => shown.replaceAll(secret, '<secret>'), text)
