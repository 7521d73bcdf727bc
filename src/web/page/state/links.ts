/** The places of the page: what follows the `#` of its address. */
import { type Query, withQuery } from './api_client.ts'

export type Place = { readonly query: Readonly<Partial<Record<string, string>>> } & (
  | { readonly view: 'overview' | 'events' | 'incidents' }
  | { readonly view: 'incident'; readonly id: string }
  | { readonly view: 'farm'; readonly farm: string }
  | { readonly view: 'target'; readonly farm: string; readonly target: string }
)

const encode = encodeURIComponent

export const linkTo = {
  farms: (): string => '#/',
  farm: (farm: string): string => `#/farm/${encode(farm)}`,
  target: (farm: string, target: string, query: Query = {}): string =>
    withQuery(`#/farm/${encode(farm)}/${target === 'balancer' ? target : `node/${encode(target)}`}`, query),
  incidents: (query: Query = {}): string => withQuery('#/incidents', query),
  incident: (id: string): string => `#/incident/${encode(id)}`,
  events: (query: Query = {}): string => withQuery('#/events', query),
}

/** Where an address leads to. */
export function placeOf(hash: string): Place {
  const [path = '', parameters = ''] = hash.replace(/^#/, '').split('?', 2)
  const query = Object.fromEntries(new URLSearchParams(parameters))
  const [first, farm, role, node] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  if (first === 'events' || first === 'incidents') return { view: first, query }
  if (first === 'incident' && farm !== undefined) return { view: 'incident', id: farm, query }
  const target = role === 'balancer' ? role : role === 'node' ? node : undefined
  if (first === 'farm' && farm !== undefined)
    return target === undefined ? { view: 'farm', farm, query } : { view: 'target', farm, target, query }
  return { view: 'overview', query }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
