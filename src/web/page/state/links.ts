/** The places of the page, as they stand after the `#` of its address. */
import { type Parameters, withParameters } from './api_client.ts'

/** A view and what it shows. */
export type Place = { readonly parameters: Readonly<Partial<Record<string, string>>> } & (
  | { readonly view: 'overview' | 'events' }
  | { readonly view: 'target'; readonly farm: string; readonly target: string }
)

const encode = encodeURIComponent

export const linkTo = {
  farms: (): string => '#/',
  target: (farm: string, target: string, parameters: Parameters = {}): string =>
    withParameters(
      `#/farm/${encode(farm)}/${target === 'balancer' ? target : `node/${encode(target)}`}`,
      parameters,
    ),
  events: (parameters: Parameters = {}): string => withParameters('#/events', parameters),
}

/** Where an address leads to. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const parameters = Object.fromEntries(new URLSearchParams(query))
  const [first, farm, role, node] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  if (first === 'events') return { view: 'events', parameters }
  const target = role === 'balancer' ? role : role === 'node' ? node : undefined
  if (first === 'farm' && farm !== undefined && target !== undefined)
    return { view: 'target', farm, target, parameters }
  return { view: 'overview', parameters }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
