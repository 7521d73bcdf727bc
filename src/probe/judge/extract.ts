import type { IdentitySource, ServedBySource } from '../../model/farm.ts'
import type { Compile } from '../../runtime/regexp.ts'
import { pairOf } from '../cookie_jar.ts'
import { type Answer, valuesOf } from '../exchange/answer.ts'

const token = (value: string | undefined): string | undefined => (value === '' ? undefined : value)

/** The token that identifies the worker process; undefined when the answer has none. */
export function identityOf(
  answer: Answer,
  text: () => string,
  source: IdentitySource,
  compile: Compile,
): string | undefined {
  if ('header' in source) return token(valuesOf(answer.headers, source.header)[0])
  if ('json' in source) return token(atPointer(text(), source.json))
  return token(compile(source.body).find(text()))
}

/**
 * The node that a balancer's answers name as their source: those of one probe, of which the last one is first, undefined
 * when none came. The last answer that names a node counts: a balancer sets its affinity cookie only for a client without
 * one, and sends a client that has it to the same node. A header binds no later request: a gateway error without one
 * has no known source.
 */
export function servedByOf(
  answers: readonly (Answer | undefined)[],
  source: ServedBySource,
): string | undefined {
  const [last] = answers
  const isBound = 'cookie' in source || (last !== undefined && !isGatewayError(last.status))
  for (const answer of isBound ? answers : [last]) {
    const named = answer && namedBy(answer, source)
    if (named !== undefined) return named
  }
  return undefined
}

/** An answer that a gateway makes in the application's place, mostly. */
export const isGatewayError = (status: number): boolean => status === 502 || status === 503 || status === 504

function namedBy({ headers }: Answer, source: ServedBySource): string | undefined {
  if ('header' in source) return token(valuesOf(headers, source.header)[0])
  const pairs = valuesOf(headers, 'set-cookie').map(pairOf)
  return token(pairs.find(([name]) => name === source.cookie)?.[1])
}

/** The value at a JSON pointer (RFC 6901), as text; undefined when it is not there, or null, or the text no JSON. */
function atPointer(text: string, pointer: string): string | undefined {
  let value = parse(text)
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  if (value === null || value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
