/** Asks Prometheus what Grafana asks it. */

import type { RealPrometheus } from '../processes/real_prometheus.ts'
import { type Asked, filledIn, type Values } from './dashboard_queries.ts'

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

/**
 * The series that a query finds, at the end of the time shown or at points along its last two minutes; without those
 * that are nothing but NaN.
 */
export async function askAsGrafana(
  prometheus: RealPrometheus,
  asked: Asked,
  values: Values,
): Promise<Series[]> {
  const now = Date.now() / 1000
  const expr = filledIn(asked.expr, asked.dashboard, values)
  const along = { start: `${now - 120}`, end: `${now}`, step: '2' }
  const query = new URLSearchParams({ query: expr, ...(asked.instant ? { time: `${now}` } : along) })
  const path = `${asked.instant ? 'query' : 'query_range'}?${query.toString()}`
  const { result } = await get<{ result: Series[] }>(prometheus, path, asked.where)
  return result.filter(({ value, values = [] }) => [...values, ...(value ? [value] : [])].some(isNumber))
}

const isNumber = ([, number]: readonly [number, string]) => number !== 'NaN'

/** What a variable offers that asks for the values of `label`. */
export const labelValues = (prometheus: RealPrometheus, label: string, series: string): Promise<string[]> =>
  get(prometheus, `label/${label}/values?${new URLSearchParams({ 'match[]': series }).toString()}`, series)

async function get<T>({ url }: RealPrometheus, path: string, what: string): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`)
  const answer = (await response.json()) as {
    readonly status: string
    readonly error?: string
    readonly data: T
  }
  if (answer.status !== 'success') throw new Error(`${what}: ${answer.error}`)
  return answer.data
}
