/** Requests to the API. The types of the answers are those of the API's own schemas. */
import type { z } from 'zod'
import type { event } from '../../api/event_schema.ts'
import type { batch, events, failures, farms, mark, marks, series, strips } from '../../api/schemas.ts'

/** What each address answers to a GET. */
export interface Answers {
  '/api/v1/farms': z.infer<typeof farms>
  '/api/v1/strips': z.infer<typeof strips>
  '/api/v1/events': z.infer<typeof events>
  '/api/v1/marks': z.infer<typeof marks>
  '/api/v1/series': z.infer<typeof series>
  '/api/v1/failures': z.infer<typeof failures>
}

export type FarmEvent = z.infer<typeof event>
export type Mark = z.infer<typeof mark>
export type Batch = z.infer<typeof batch>
export type Series = Answers['/api/v1/series']
export type Failure = Answers['/api/v1/failures']['failures'][number]

/** An error answer of the server, in its own words. */
class ErrorAnswer extends Error {}

export type Parameters = Readonly<Record<string, string | number | undefined>>

/** `path` with the parameters that are given: those that are undefined or empty are left out. */
export function withParameters(path: string, parameters: Parameters): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return given.length === 0 ? path : `${path}?${query.toString()}`
}

/**
 * The answer to a GET.
 * @throws ErrorAnswer when the server refuses, TypeError when it cannot be reached
 */
export async function get<Path extends keyof Answers>(
  path: Path,
  parameters: Parameters = {},
  signal?: AbortSignal,
): Promise<Answers[Path]> {
  const response = await fetch(withParameters(path, parameters), signal === undefined ? {} : { signal })
  return (await accepted(response)).json()
}

/** Writes a mark. Throws as `get` does. */
export async function postMark(body: {
  text: string
  farm: string | undefined
  target: string | undefined
}): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  await accepted(await fetch('/api/v1/marks', { method: 'POST', headers, body: JSON.stringify(body) }))
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response
  const text = await response.text()
  throw new ErrorAnswer(errorIn(text) ?? `the server answered ${response.status}`)
}

function errorIn(text: string): string | undefined {
  try {
    return JSON.parse(text).error
  } catch {
    return undefined
  }
}

/** Why a request failed. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
