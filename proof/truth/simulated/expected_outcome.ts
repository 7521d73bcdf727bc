import type { Check, Expectations } from '../../../src/model/farm.ts'
import type { Reason } from '../../../src/model/outcome.ts'
import { originOf } from '../../../src/origins/origin_of.ts'
import { createRegexps } from '../../../src/runtime/regexp.ts'
import type { Page } from '../../../src/simulator/answer/pages.ts'

/** What farmprobe makes of a page. */
export interface Opinion {
  readonly reason: Reason
  readonly detail: string
  /** On 502, 503 and 504. */
  readonly origin: string | undefined
}

/** Judges pages by a check's expectations, in the probe's order; each page of a check once. */
export function createJudge(): (check: Check, page: Page) => Opinion {
  const opinions = new WeakMap<Check, Map<Page, Opinion>>()
  return (check, page) => {
    let known = opinions.get(check)
    if (known === undefined) {
      known = new Map()
      opinions.set(check, known)
    }
    let opinion = known.get(page)
    if (opinion === undefined) {
      opinion = judge(page, check.expect)
      known.set(page, opinion)
    }
    return opinion
  }
}

function judge(page: Page, expect: Expectations): Opinion {
  const { reason, detail } = failing(page, expect) ?? { reason: 'ok', detail: '' }
  const gateway = page.status === 502 || page.status === 503 || page.status === 504
  return { reason, detail, origin: gateway ? originOf({ ...page, bodyStart: page.body }) : undefined }
}

const compile = createRegexps()
const matches = (pattern: string, text: string) => compile(pattern).test(text)

type Verdict = Pick<Opinion, 'reason' | 'detail'> | undefined

function failing(page: Page, { status, headers, body, warming }: Expectations): Verdict {
  const { contains = [], match = [] } = warming ?? {}
  if (
    contains.some((part) => page.body.includes(part)) ||
    match.some((pattern) => matches(pattern, page.body))
  )
    return { reason: 'warming', detail: 'The answer is the page shown while the application starts.' }
  if (!status.some(([low, high]) => page.status >= low && page.status <= high))
    return { reason: 'status', detail: `The status is ${page.status} "${page.statusText}".` }
  const missing = headers.find(({ name, pattern }) => !hasHeader(page, name, pattern))
  if (missing !== undefined)
    return { reason: 'header', detail: `The header ${missing.name} is not as expected.` }
  if (page.bytes > body.maxBytes) return { reason: 'too_large', detail: `The body has ${page.bytes} bytes.` }
  if (bodyFits(page, body)) return undefined
  return { reason: 'body', detail: 'The body is not as expected.' }
}

const hasHeader = (page: Page, name: string, pattern: string) =>
  page.headers.some(([key, value]) => key.toLowerCase() === name.toLowerCase() && matches(pattern, value))

function bodyFits({ body, bytes }: Page, expected: Expectations['body']): boolean {
  if (bytes < expected.minBytes) return false
  if (!expected.contains.every((part) => body.includes(part))) return false
  if (expected.notContains.some((part) => body.includes(part))) return false
  if (!expected.match.every((pattern) => matches(pattern, body))) return false
  return !expected.notMatch.some((pattern) => matches(pattern, body))
}
