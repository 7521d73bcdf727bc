import type { Check } from '../../model/farm.ts'
import type { Evidence } from '../../model/outcome.ts'
import { hidden } from '../../secrets/hide.ts'
import { hideSent } from '../../secrets/sent_secrets.ts'
import type { Answer } from '../exchange/answer.ts'

/** How much of a body explains a failure, in characters. */
const maxBodyStart = 2048
const maxHeaders = 64
const maxValueLength = 1024

/** What is kept of an answer that needs explaining, without the secrets of its check. */
export function evidenceOf(answer: Answer, text: string, check: Check): Evidence {
  const safe = (value: string, length: number) => hideSent(value.slice(0, length * 2), check).slice(0, length)
  return {
    statusText: safe(answer.statusText, 256),
    headers: answer.headers
      .slice(0, maxHeaders)
      .map(([name, value]) => [safe(name, 256), safe(withoutCookie(name, value), maxValueLength)] as const),
    bodyStart: safe(text, maxBodyStart),
  }
}

/** A cookie is the key to the session that it began: its name and its attributes say enough. */
const withoutCookie = (name: string, value: string) =>
  name.toLowerCase() === 'set-cookie' ? value.replace(/^([^=;]*=)[^;]+/, `$1${hidden}`) : value
