/** Methods, paths, headers and status codes of HTTP. */
import type { Expectations, Expression } from '../../model/farm.ts'
import { isMapping } from '../yaml/tree.ts'
import { type Part, value, type Wrong } from './part.ts'
import { each, readExpression } from './patterns.ts'
import { fromText, readText, written } from './scalars.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

export const method: Part<string> = value({
  json: { type: 'string' },
  kind: 'HTTP method',
  right: 'write a method in capitals, such as GET, HEAD or POST',
  read: fromText((written, wrong) => {
    if (written === 'CONNECT') return wrong('a method for proxies')
    return /^[A-Z][A-Z-]*$/.test(written) ? written : wrong('not a method')
  }),
})

/** A path with its query, as it goes into the request line. */
export const path: Part<string> = value({
  json: { type: 'string', pattern: '^/|\\$\\{' },
  kind: 'path',
  right: 'write a path that begins with `/`, such as /health?full=1',
  read: fromText((written, wrong) => {
    if (!written.startsWith('/')) return wrong('not a path')
    if (written.includes('#'))
      return wrong('a path with a fragment', 'leave out what follows the `#`: no server sees it')
    return /^[\x21-\x7e]+$/.test(written)
      ? written
      : wrong('a path with characters that must be escaped', 'write them as %20 and the like')
  }),
})

/** Headers that frame a message or that farmprobe sets itself, and what to do instead of writing them. */
const ourHeaders: ReadonlyMap<string, string> = new Map([
  ['host', "leave it out: the Host comes from the farm's `url`"],
  ['content-length', 'leave it out: it follows from the body'],
  ['transfer-encoding', 'leave it out: the body is sent in one piece'],
  ['connection', 'leave it out, and choose with `connection: fresh` or `connection: reuse`'],
  ['keep-alive', 'leave it out, and choose with `connection: fresh` or `connection: reuse`'],
  ['upgrade', 'leave it out: a probe speaks HTTP/1.1'],
  ['expect', 'leave it out: the body is sent at once'],
  ['te', 'leave it out: no trailer is read'],
  ['trailer', 'leave it out: no trailer is sent'],
  ['x-farmprobe-id', 'leave it out: each probe sends its own id'],
])

export const requestHeaders: Part<readonly Header<string>[]> = headers({
  kind: 'headers',
  right: 'write a mapping of header names and texts, such as { Accept: text/html }',
  rightItem: 'write the value itself, such as Accept: text/html',
  secret: true,
  read(raw, name, wrong) {
    const instead = ourHeaders.get(name.toLowerCase())
    if (instead !== undefined) return wrong('a header that farmprobe sets itself', instead)
    const written = readText(raw, wrong)
    if (written === undefined || /^[\t\x20-\x7e\x80-\xff]*$/.test(written)) return written
    return wrong(
      'a header value with line breaks or characters beyond Latin-1',
      'write one line of plain text',
    )
  },
})

/** Headers of a response, each with what its value must match. */
export const headerPatterns: Part<readonly Header<Expression>[], Expectations['headers']> = {
  ...headers({
    kind: 'headers with regular expressions',
    right: 'write a mapping of header names and regular expressions, such as { Content-Type: text/html }',
    rightItem: 'write the expression itself, such as Content-Type: text/html',
    read: (raw, _name, wrong) => readExpression(raw, wrong),
  }),
  settle: (written) => written.map(([name, pattern]) => ({ name, pattern })),
}

type Header<T> = readonly [name: string, value: T]

interface HeaderRules<T> {
  readonly kind: string
  readonly right: string
  /** What would be right for one header. */
  readonly rightItem: string
  readonly secret?: boolean
  readonly read: (raw: unknown, name: string, wrong: Wrong) => T | undefined
}

/** A mapping of headers, whose names are not case-sensitive. */
function headers<T>({ read, rightItem, ...rules }: HeaderRules<T>): Part<readonly Header<T>[]> {
  const part = value({
    ...rules,
    json: { type: 'object', additionalProperties: { type: 'string' } },
    read(raw, wrong) {
      if (!isMapping(raw)) return wrong('not a mapping')
      const found = new Map<string, Header<T>>()
      for (const [name, item] of Object.entries(raw)) {
        const wrongItem: Wrong = (what, right = rightItem) => wrong(what, right, [name])
        if (!token.test(name))
          wrongItem('not a header name', 'write letters, digits and hyphens only, such as X-Trace')
        else if (found.has(name.toLowerCase()))
          wrongItem('a header given twice (case does not matter)', 'keep one')
        else {
          const parsed = read(item, name, wrongItem)
          if (parsed !== undefined) found.set(name.toLowerCase(), [name, parsed])
        }
      }
      return [...found.values()]
    },
  })
  return { ...part, merge: (base, over) => [...byName([...base, ...over]).values()] }
}

const byName = <T>(written: readonly Header<T>[]) =>
  new Map(written.map((header) => [header[0].toLowerCase(), header]))

/** The name of a header or a cookie. */
export function tokenName(what: 'header' | 'cookie', example: string): Part<string> {
  return value({
    json: { type: 'string' },
    kind: `${what} name`,
    right: `write the name of a ${what}, such as ${example}`,
    read: fromText((written, wrong) => (token.test(written) ? written : wrong(`not a ${what} name`))),
  })
}

export const jsonPointer: Part<string> = value({
  json: { type: 'string', pattern: '^(/|$)|\\$\\{' },
  kind: 'JSON pointer',
  right: 'write a pointer into the JSON body, such as /process/startedAt',
  read: fromText((written, wrong) =>
    /^(\/([^~]|~[01])*)+$/.test(written) ? written : wrong('not a JSON pointer'),
  ),
})

export type StatusRange = readonly [low: number, high: number]

/** Inclusive ranges of status codes. */
export const statusRanges: Part<readonly StatusRange[]> = value({
  json: {
    anyOf: [
      { type: ['integer', 'string'] },
      { type: 'array', minItems: 1, items: { type: ['integer', 'string'] } },
    ],
  },
  kind: 'status codes',
  right: 'write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
  read: (raw, wrong) =>
    Array.isArray(raw) && raw.length === 0 ? wrong('no status code') : each(raw, wrong, readRange),
})

function readRange(raw: unknown, wrong: Wrong): StatusRange | undefined {
  const [, from, to] = /^(\d{3})(?:\s*-\s*(\d{3}))?$/.exec(written(raw)) ?? []
  if (from === undefined) return wrong('not a status code or range')
  const [low, high] = [Number(from), Number(to ?? from)]
  if (low < 100 || high > 599 || low > 599) return wrong('out of range')
  return low > high ? wrong('a range that ends before it begins', `write ${high}-${low}`) : [low, high]
}
