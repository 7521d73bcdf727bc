/** What may be kept of an answer: no secret that its request sent, and no session that it began. */
import type { Evidence } from '../model/outcome.ts'
import { printableLines } from '../runtime/printable.ts'
import { type Conceal, concealing } from '../secrets/conceal.ts'
import { hidden } from '../secrets/hide.ts'
import { concealSent, type Sent } from '../secrets/sent_secrets.ts'
import { pairOf } from './cookie_jar.ts'
import { type Answer, valuesOf } from './exchange/answer.ts'

/** The parts of an answer that may explain a failure. */
type Explaining = Pick<Answer, 'statusText' | 'headers'>

/** How much of a body explains a failure, in characters. */
const maxBodyStart = 2048
const maxHeaders = 64
const maxValueLength = 1024

/** A shorter value, such as a language, is no key to a session. */
const leastCookie = 8

/**
 * Conceals what a request sent, `secrets` that are not of its check too, the values of the cookies that its answers set, and
 * characters that cannot be seen.
 */
export function concealKept(
  sent: Sent,
  answers: readonly Pick<Answer, 'headers'>[],
  secrets: readonly string[] = [],
): Conceal {
  const conceal = concealSent(sent)
  const cookies = answers
    .flatMap(({ headers }) => valuesOf(headers, 'set-cookie').map((written) => pairOf(written)[1]))
    .filter(({ length }) => length >= leastCookie)
  const concealCookies = concealing([...cookies.slice(0, maxHeaders), ...secrets])
  return (text, most) => printableLines(concealCookies(conceal(text, most), most)).slice(0, most)
}

/** What is kept of an answer that needs explaining; `text` is its body. */
export function evidenceOf(
  answer: Explaining,
  text: string,
  sent: Sent,
  conceal = concealKept(sent, [answer]),
): Evidence {
  return {
    statusText: conceal(answer.statusText, 256),
    headers: answer.headers
      .slice(0, maxHeaders)
      .map(([name, value]) => [conceal(name, 256), conceal(withoutCookie(name, value), maxValueLength)]),
    bodyStart: conceal(text, maxBodyStart),
  }
}

/** A cookie is the key to the session that it began: its name, where it has one, and its attributes say enough. */
const withoutCookie = (name: string, value: string) =>
  /^set-cookie2?$/i.test(name) ? value.replace(/^([^=;]*=)?[^;]*/, `$1${hidden}`) : value
