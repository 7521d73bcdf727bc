/** The plain values of a module file. All scalars come as their author wrote them; Go's rules make values of them. */
import { type Part, value, type Wrong } from '../../config/schema/part.ts'
import { isMapping, isNothing } from '../../config/yaml/tree.ts'
import { compileRegexp } from '../../runtime/regexp.ts'
import { compileJsonRule } from './cel_rule.ts'
import { isHeaderText } from './module.ts'

/** A mapping that may be left empty. */
export const block = <W, S>(part: Part<W, S>): Part<W, S> => ({
  ...part,
  read: (raw, path, reading) => (isNothing(raw) ? undefined : part.read(raw, path, reading)),
})

/** A key that is known and has no effect; its value is not read. */
export const unread: Part<undefined> = value({ json: {}, kind: 'anything', right: '', read: () => undefined })

interface Rules<T> {
  readonly kind: string
  readonly right: string
  readonly secret?: boolean
  /** Takes a text that is not nothing. */
  readonly read: (written: string, wrong: Wrong) => T | undefined
}

/** A scalar; nothing stays undefined, and is not wrong. */
function scalar<T>({ kind, right, secret = false, read }: Rules<T>): Part<T> {
  return value({
    json: {},
    kind,
    right,
    secret,
    read: (raw, wrong) => {
      if (isNothing(raw)) return undefined
      const isScalar = typeof raw === 'string' || typeof raw === 'boolean' || typeof raw === 'number'
      return isScalar ? read(String(raw), wrong) : wrong(`not a ${kind}`)
    },
  })
}

const text = { kind: 'text', right: 'write a text', read: (written: string) => written }

export const anyText: Part<string> = scalar(text)
export const secretText: Part<string> = scalar({ ...text, secret: true })

/** As YAML 1.1 has it, which Go reads. */
export const flag: Part<boolean> = scalar({
  kind: 'true or false',
  right: 'write true or false',
  read: (text, wrong) => {
    if (/^(true|True|TRUE|yes|Yes|YES|on|On|ON|y|Y)$/.test(text)) return true
    return /^(false|False|FALSE|no|No|NO|off|Off|OFF|n|N)$/.test(text)
      ? false
      : wrong('neither true nor false')
  },
})

export const oneOf = <const T extends string>(choices: readonly T[]): Part<T> =>
  nameOf(Object.fromEntries(choices.map((each) => [each, each])) as Record<T, T>)

/** One of some names, each of which stands for a value. */
export function nameOf<T extends string>(values: Readonly<Record<string, T>>): Part<T> {
  const names = Object.keys(values)
  return scalar({
    kind: names.map((each) => `\`${each}\``).join(' or '),
    right: `write ${names.join(' or ')}`,
    read: (text, wrong) => (Object.hasOwn(values, text) ? values[text] : wrong('not one of the choices')),
  })
}

/** The exporter takes any text but `ip6` for `ip4`. */
export const addressFamily: Part<4 | 6> = {
  kind: 'text',
  json: {},
  right: 'write ip4 or ip6',
  read(raw, path, reading) {
    const text = anyText.read(raw, path, reading)
    if (text === undefined || text === 'ip6') return text && 6
    if (text !== 'ip4')
      reading.warn(
        path,
        `neither ip4 nor ip6: ${JSON.stringify(text)} is taken for ip4, as by blackbox_exporter; write ip4`,
      )
    return 4
  },
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const longestMs = 3_600_000

/** A duration as Go writes them, in milliseconds. */
export const goDuration: Part<number> = scalar({
  kind: 'duration',
  right: 'write a number and a unit, such as 500ms, 5s or 1m30s',
  read: (text, wrong) => {
    if (text === '0') return 0
    if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return wrong('not a duration')
    let totalMs = 0
    for (const [, amount, unit = ''] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
      totalMs += Number(amount) * (unitMs[unit] ?? 0)
    return totalMs > longestMs ? wrong('too long', 'write 1h or less') : totalMs
  },
})

const unitBytes: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** A number of bytes; the exporter counts by 1024 whatever the unit. */
export const goSize: Part<number> = scalar({
  kind: 'size',
  right: 'write a number and a unit, such as 64KB or 10MB',
  read: (text, wrong) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/.exec(text) ?? []
    return amount === undefined ? wrong('not a size') : Math.floor(Number(amount) * (unitBytes[unit] ?? 1))
  },
})

export const method: Part<string> = scalar({
  kind: 'HTTP method',
  right: 'write a method, such as GET, HEAD or POST',
  read: (text, wrong) => {
    if (text.toUpperCase() === 'CONNECT') return wrong('a method for proxies')
    return isToken(text) ? text : wrong('not a method')
  },
})

const isToken = (text: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)

const regexpRight = 'write an expression in the syntax of RE2'

export const regexp: Part<string> = scalar({ kind: 'RE2 expression', right: regexpRight, read: readRegexp })

function readRegexp(text: string, wrong: Wrong): string | undefined {
  const compiled = compileRegexp(text)
  return 'what' in compiled ? wrong(compiled.what, compiled.right) : text
}

export const jsonRule: Part<string> = scalar({
  kind: 'CEL expression',
  right: "write an expression on `body`, such as body.status == 'up'",
  read: (text, wrong) => {
    const compiled = compileJsonRule(text)
    return typeof compiled === 'string' ? wrong(`not a CEL expression (${compiled})`) : text
  },
})

/** A list; every wrong item is a problem of its own. */
function listOf<T>(kind: string, right: string, read: Rules<T>['read'], secret = false): Part<readonly T[]> {
  return value({
    json: {},
    kind: `list of ${kind}`,
    right,
    secret,
    read: (raw, wrong) => {
      if (isNothing(raw)) return undefined
      if (!Array.isArray(raw)) return wrong('not a list', `write a list in brackets; ${right}`)
      const items = raw.map((item, index) => {
        const wrongItem: Wrong = (what, better = right) => wrong(what, better, [index])
        return typeof item === 'string' ? read(item, wrongItem) : wrongItem('not a text')
      })
      return items.includes(undefined) ? undefined : (items as T[])
    },
  })
}

export const regexps = listOf('RE2 expressions', regexpRight, readRegexp)
export const texts = listOf('texts', 'write texts', (text) => text)
export const secretTexts = listOf('texts', 'write texts', (text) => text, true)

const versions = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0', 'HTTP/3.0']

/** The exporter takes any text, and its own example has one that no answer has; build_module.ts warns of it. */
export const httpVersions = listOf('versions', `write ${versions.join(', ')}`, (text) => text)

export const statusCodes = listOf(
  'status codes',
  'write codes from 100 to 999, such as [200, 204]',
  (text, wrong) => {
    const code = /^\d{3}$/.test(text) ? Number(text) : 0
    return code >= 100 ? code : wrong('not a status code')
  },
)

export const headers: Part<readonly (readonly [string, string])[]> = value({
  json: {},
  kind: 'headers',
  right: 'write a mapping of header names and texts, such as { Accept: text/html }',
  secret: true,
  read: (raw, wrong) => {
    if (isNothing(raw)) return undefined
    if (!isMapping(raw)) return wrong('not a mapping')
    return Object.entries(raw).flatMap(([name, item]): (readonly [string, string])[] => {
      const problem = headerProblem(name, item)
      if (problem === undefined) return [[name, item as string]]
      wrong(problem, 'write one line of plain text', [name])
      return []
    })
  },
})

export function headerProblem(name: string, item: unknown): string | undefined {
  if (!isToken(name)) return 'not a header name'
  if (typeof item !== 'string') return 'not a text'
  return isHeaderText(item) ? undefined : 'a header value with line breaks or control characters'
}
