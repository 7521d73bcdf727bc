import type { IdentitySource, ServedBySource } from '../../model/farm.ts'
import { pairOf } from '../cookie_jar.ts'
import { type Answer, valuesOf } from '../exchange/answer.ts'

const maxTokenLength = 256

const token = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value.slice(0, maxTokenLength)

/** The token that identifies the worker process; undefined when the answer has none. */
export function identityOf(answer: Answer, text: string, source: IdentitySource): string | undefined {
  if ('header' in source) return token(valuesOf(answer.headers, source.header)[0])
  if ('json' in source) return token(atPointer(text, source.json))
  const match = text.match(new RegExp(source.body, source.body.flags.replace(/[gy]/g, '')))
  return token(match?.[1] ?? match?.[0])
}

/** The node that a balancer's answer names as its source; undefined when it names none. */
export function servedByOf(answer: Answer, source: ServedBySource): string | undefined {
  if ('header' in source) return token(valuesOf(answer.headers, source.header)[0])
  const pairs = valuesOf(answer.headers, 'set-cookie').map(pairOf)
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
