import type { Expectations, Expression } from '../../model/farm.ts'
import type { Compile } from '../../runtime/regexp.ts'
import { type Answer, utf8Of, valuesOf } from '../exchange/answer.ts'
import { type Failure, failures } from '../failure.ts'
import type { Content } from './content.ts'

/** Whether an expression matches a text. */
type Matches = (pattern: Expression, text: string) => boolean

/**
 * Why an answer fails its expectations, in the order warming, status, headers, size, content, duration; undefined when
 * it does not. `tookMs` is how long the whole probe took.
 */
export function failureOf(
  answer: Answer,
  content: Content,
  expect: Expectations,
  tookMs: number,
  compile: Compile,
): Failure | undefined {
  const matches: Matches = (pattern, text) => compile(pattern).test(text)
  if (isWarming(content, expect.warming, matches)) return failures.warming()
  return (
    judgeStatus(answer, expect.status) ??
    judgeHeaders(answer, expect.headers, matches) ??
    content.failure ??
    judgeBody(content, expect.body, matches) ??
    judgeDuration(tookMs, expect.durationMs)
  )
}

/** The judgement evaluates an expression. */
export const hasExpressions = ({ body, headers, warming }: Expectations): boolean =>
  body.match.length + body.notMatch.length + headers.length + (warming?.match.length ?? 0) > 0

/** The judgement needs the text of the body. */
export function readsBody({ body, warming }: Expectations): boolean {
  const lists = [body.contains, body.notContains, body.match, body.notMatch]
  return warming !== undefined || body.minBytes > 0 || lists.some((list) => list.length > 0)
}

function isWarming({ text }: Content, warming: Expectations['warming'], matches: Matches): boolean {
  if (!warming) return false
  return (
    warming.contains.some((part) => text().includes(part)) ||
    warming.match.some((pattern) => matches(pattern, text()))
  )
}

function judgeStatus({ status, statusText }: Answer, accepted: Expectations['status']): Failure | undefined {
  if (accepted.some(([low, high]) => status >= low && status <= high)) return undefined
  const ranges = accepted.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`))
  return failures.status(status, statusText, ranges.join(', '))
}

function judgeHeaders(
  answer: Answer,
  expected: Expectations['headers'],
  matches: Matches,
): Failure | undefined {
  for (const { name, pattern } of expected) {
    const values = valuesOf(answer.headers, name).map(utf8Of)
    const [first] = values
    if (first === undefined) return failures.headerMissing(name)
    if (!values.some((value) => matches(pattern, value))) return failures.headerMismatch(name, first, pattern)
  }
  return undefined
}

function judgeBody(
  { bytes, text }: Content,
  expected: Expectations['body'],
  matches: Matches,
): Failure | undefined {
  if (bytes < expected.minBytes) return failures.tooSmall(bytes, expected.minBytes)
  for (const part of expected.contains) if (!text().includes(part)) return failures.textMissing(part)
  for (const part of expected.notContains) if (text().includes(part)) return failures.textPresent(part)
  for (const pattern of expected.match) if (!matches(pattern, text())) return failures.noMatch(pattern)
  for (const pattern of expected.notMatch) if (matches(pattern, text())) return failures.match(pattern)
  return undefined
}

const judgeDuration = (tookMs: number, mostMs = Number.POSITIVE_INFINITY): Failure | undefined =>
  tookMs > mostMs ? failures.slow(tookMs, mostMs) : undefined
