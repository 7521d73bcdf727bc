import { standardPorts } from '../../addresses/host_port.ts'
import type { Place } from '../../model/place.ts'
import { isUrlHost, routesOf } from '../read/arr_routes.ts'
import type { Machine } from '../read/machine.ts'
import type { Binding } from '../read/site.ts'
import type { WebFarm } from '../read/web_farm.ts'

/** How users reach a site, as far as the configuration says, and what to decide about it. */
export interface PublicUrl {
  readonly url: string
  readonly scheme: 'http' | 'https'
  readonly place: Place | undefined
  readonly decide: string
}

/** The URL of a web farm: the host of its rewrite rule, or of a site of the balancer, on that site's port. */
export function publicUrlOf(farm: WebFarm, { sites, routes }: Machine): PublicUrl {
  const bindings = sites.flatMap((site) => site.bindings)
  const [host] = routesOf(farm, routes).flatMap(({ hosts }) => hosts)
  if (host !== undefined) {
    const binding = best(bindings.filter((each) => each.host === host || each.host === ''))
    const decide = 'is this how users reach the farm? The host is that of its rewrite rule'
    if (binding !== undefined) return urlOf(host, binding, decide)
    return { url: `http://${host}`, scheme: 'http', place: undefined, decide }
  }
  const named = best(bindings.filter((each) => isUrlHost(each.host)))
  if (named !== undefined)
    return urlOf(
      named.host,
      named,
      'is this how users reach the farm? No rewrite rule names a host for it; this is a site of the balancer',
    )
  return unknownUrl(farm.name)
}

/** The URL of a site without a known balancer. */
export function siteUrlOf(name: string, bindings: readonly Binding[]): PublicUrl {
  const binding = best(bindings.filter(({ host }) => isUrlHost(host)))
  if (binding === undefined) return unknownUrl(name)
  return urlOf(
    binding.host,
    binding,
    'is this how users reach the site? Through a balancer it may be another name, or HTTPS',
  )
}

const rank = ({ scheme, host }: Binding) => (scheme === 'https' ? 0 : 2) + (host === '' ? 1 : 0)

/** HTTPS before HTTP, and a host name before none; otherwise the first. */
function best(bindings: readonly Binding[]): Binding | undefined {
  return bindings.toSorted((a, b) => rank(a) - rank(b))[0]
}

function urlOf(host: string, { scheme, port, place }: Binding, decide: string): PublicUrl {
  const portText = port === standardPorts[scheme] ? '' : `:${port}`
  return { url: `${scheme}://${host}${portText}`, scheme, place, decide }
}

/** A host name that never resolves, so that nothing is probed by mistake. */
function unknownUrl(name: string): PublicUrl {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
  const host = isUrlHost(`${label}.example.invalid`) ? `${label}.example.invalid` : 'site.example.invalid'
  return {
    url: `https://${isUrlHost(name) && name.includes('.') ? name : host}`,
    scheme: 'https',
    place: undefined,
    decide: 'write the URL that users open; the file does not contain it',
  }
}
