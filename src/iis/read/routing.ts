import { collected, type FindSection } from './locations.ts'
import type { Place } from './place.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** A rewrite rule that sends requests to a web farm. */
export interface Route {
  readonly farm: string
  /** How ARR speaks to the servers. */
  readonly scheme: 'http' | 'https'
  /** The host names it is for, as far as its conditions are plain ones; in lower case. */
  readonly hosts: readonly string[]
  readonly place: Place
}

/** Every enabled rule that names a web farm as the host of its action. */
export function readRoutes(find: FindSection, locations: readonly string[]): Route[] {
  const rulesOf = (section: string, location: string) =>
    collected(find(`system.webServer/rewrite/${section}`, location), { add: 'rule', key: 'name' })
  // Rules of the server reach every location, in one and the same list.
  const lists = new Set([
    rulesOf('globalRules', ''),
    ...locations.map((location) => rulesOf('rules', location)),
  ])
  return [...new Set([...lists].flat())].flatMap(readRoute)
}

function readRoute(rule: XmlElement): Route[] {
  const [action] = within([rule], 'action')
  if (action === undefined || attributeOf(rule, 'enabled')?.value.toLowerCase() === 'false') return []
  if (attributeOf(action, 'type')?.value.toLowerCase() !== 'rewrite') return []
  const url = attributeOf(action, 'url')?.value ?? ''
  const [, scheme, farm] = /^(https?):\/\/([^/:{}?#]+)/i.exec(url) ?? []
  if (scheme === undefined || farm === undefined) return []
  const hosts = within([rule], 'conditions', 'add').flatMap(hostOf)
  return [{ farm, scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', hosts, place: rule.place }]
}

/** `^www\.example\.org$`, `www.example.org`: a condition that is nothing but a host name. */
function hostOf(condition: XmlElement): string[] {
  const input = attributeOf(condition, 'input')?.value.toUpperCase()
  const negated = attributeOf(condition, 'negate')?.value.toLowerCase() === 'true'
  if (input !== '{HTTP_HOST}' || negated) return []
  const pattern = attributeOf(condition, 'pattern')?.value ?? ''
  const host = pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\.', '.').toLowerCase()
  return isHostName(host) ? [host] : []
}

/** A name, or an IPv4 address, that can stand in a URL as it is; digits and dots alone would be read as an address. */
export const isHostName = (host: string): boolean =>
  host.length <= 253 && /^[a-z0-9.-]+$/.test(host) && URL.parse(`http://${host}/`)?.hostname === host
