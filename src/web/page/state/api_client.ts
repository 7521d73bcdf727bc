/**
 * Requests to the API, relative to the page: a reverse proxy may serve both below a path. The types of the answers are
 * those of the API's own schemas.
 */
import type { AnswerName, Answer as AnyAnswer } from '../../api/schemas.ts'

export type { BriefProbe, EventView as FarmEvent, MarkView as Mark } from '../../api/schemas.ts'
/** An answer as the page asks for it; those that are lists are for Grafana. */
export type Answer<Name extends AnswerName> = Exclude<AnyAnswer<Name>, readonly unknown[]>
export type Batch = Answer<'batch'>
export type Series = Answer<'series'>
export type Failure = Answer<'failures'>['failures'][number]

type Readable = 'farms' | 'strips' | 'events' | 'marks' | 'series' | 'failures' | 'incidents'

/** An error answer of the server, in its own words. */
class ErrorAnswer extends Error {}

export type Query = Readonly<Record<string, string | number | undefined>>

/** `path` with a query of the parameters that are given: those that are undefined or empty are left out. */
export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const parameters = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return given.length === 0 ? path : `${path}?${parameters.toString()}`
}

/**
 * Reads `/api/v1/<name>`.
 * @throws ErrorAnswer when the server refuses, TypeError when it cannot be reached
 */
export async function get<Name extends Readable>(
  name: Name,
  query: Query = {},
  signal?: AbortSignal,
): Promise<Answer<Name>> {
  const path = withQuery(`api/v1/${name}`, query)
  const response = await fetch(path, signal === undefined ? {} : { signal })
  return (await accepted(response)).json()
}

export type IncidentAnswer = Answer<'incident'>

/** Reads one incident, with its events. Throws as `get` does. */
export async function getIncident(id: string, signal: AbortSignal): Promise<IncidentAnswer> {
  return (await accepted(await fetch(`api/v1/incidents/${encodeURIComponent(id)}`, { signal }))).json()
}

/** Writes a mark. Throws as `get` does. */
export async function postMark(body: {
  text: string
  farm: string | undefined
  target: string | undefined
}): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  await accepted(await fetch('api/v1/marks', { method: 'POST', headers, body: JSON.stringify(body) }))
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

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
