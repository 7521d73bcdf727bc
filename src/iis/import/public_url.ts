import { standardPorts } from '../../addresses/host_port.ts'
import type { Place } from '../../model/place.ts'
import { isUrlHost, type Route } from '../read/arr_routes.ts'
import type { Binding, Site } from '../read/site.ts'
import { isSame } from '../read/xml_element.ts'

/** How users reach a site, as far as the configuration says. */
export interface PublicUrl {
  readonly url: string
  readonly scheme: 'http' | 'https'
  readonly place: Place | undefined
  /** Where it is from, as a sentence; empty for a binding of the site. */
  readonly source: string
  /** What a person decides about it. */
  readonly question: string
}

/**
 * The URL of what rules send to: the host of such a rule, or of a site of the balancer that has the rule, on that site's
 * port.
 */
export function publicUrlOf(name: string, routes: readonly Route[], sites: readonly Site[]): PublicUrl {
  const bindings = sitesOf(routes, sites).flatMap((site) => site.bindings)
  const [host] = routes.flatMap(({ hosts }) => hosts)
  if (host !== undefined) {
    const binding = best(bindings.filter((each) => each.host === host || each.host === ''))
    const source = 'The host of the url is that of its rewrite rule.'
    if (binding !== undefined) return urlOf(host, binding, source)
    return { url: `http://${host}`, scheme: 'http', place: undefined, source, question }
  }
  const named = best(bindings.filter((each) => isUrlHost(each.host)))
  if (named !== undefined)
    return urlOf(
      named.host,
      named,
      'No rewrite rule names a host for it; the url is that of a site of the balancer.',
    )
  return unknownUrl(name)
}

/** The sites of the balancer that have the rules; all of them where the rules are the server's. */
export function sitesOf(routes: readonly Route[], sites: readonly Site[]): readonly Site[] {
  const own = sites.filter((site) => routes.some(({ where }) => isSame(where.location, site.name)))
  return own.length > 0 ? own : sites
}

const question = 'is each url how users reach it? Through a balancer it may be another name, or HTTPS.'

/** The URL of a site without a known balancer. */
export function siteUrlOf(name: string, bindings: readonly Binding[]): PublicUrl {
  const binding = best(bindings.filter(({ host }) => isUrlHost(host)))
  if (binding === undefined) return unknownUrl(name)
  return urlOf(binding.host, binding, '')
}

const rank = ({ scheme, host }: Binding) => (scheme === 'https' ? 0 : 2) + (host === '' ? 1 : 0)

/** HTTPS before HTTP, and a host name before none; otherwise the first. */
function best(bindings: readonly Binding[]): Binding | undefined {
  return bindings.toSorted((a, b) => rank(a) - rank(b))[0]
}

function urlOf(host: string, { scheme, port, place }: Binding, source: string): PublicUrl {
  const portText = port === standardPorts[scheme] ? '' : `:${port}`
  return { url: `${scheme}://${host}${portText}`, scheme, place, source, question }
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
    source: '',
    question: 'write the URL that users open where it ends with .invalid; the file does not contain it.',
  }
}
