import { flag, text } from './kinds.ts'
import { collected, type FindSection, type Layer } from './locations.ts'
import type { Place } from './place.ts'
import { quoted } from './printable.ts'
import type { SettingReader } from './setting.ts'
import type { Application, Site } from './site.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** What keeps a plain HTTP request from the application that it is for. */
export interface PlainHttp {
  readonly place: Place
  /** As the end of a sentence: "the warm-up request gets no further than …". */
  readonly what: string
  /** The rewrite rule, when it is one: it can let warm-up requests through. */
  readonly rule?: string
}

/** The first thing that answers plain HTTP with a redirect to HTTPS, or refuses it. */
export function refusalOfPlainHttp(
  { id, place }: Application,
  site: Site,
  layers: readonly Layer[],
  find: FindSection,
  read: SettingReader,
): PlainHttp | undefined {
  if (site.redirectsToHttps.value)
    return { place: site.redirectsToHttps.place, what: 'the redirect to HTTPS of the site (hsts)' }
  const redirect = { own: find('system.webServer/httpRedirect', id, layers), place }
  const destination = read(redirect, 'destination', text, '')
  if (read(redirect, 'enabled', flag, false).value && isHttps(destination.value))
    return { place: destination.place, what: `the redirect (httpRedirect) to ${quoted(destination.value)}` }
  const access = { own: find('system.webServer/security/access', id, layers), place }
  const sslFlags = read(access, 'sslFlags', text, '')
  if (
    sslFlags.value
      .toLowerCase()
      .split(/[\s,]+/)
      .includes('ssl')
  )
    return { place: sslFlags.place, what: 'the requirement of TLS (sslFlags), which answers 403.4' }
  for (const section of ['rewrite/globalRules', 'rewrite/rules']) {
    const rules = collected(find(`system.webServer/${section}`, id, layers), { add: 'rule', key: 'name' })
    const found = firstRedirect(rules)
    if (found !== undefined) return found
  }
  return undefined
}

const firstRedirects = new WeakMap<readonly XmlElement[], { readonly found: PlainHttp | undefined }>()

/** Rules of the server are one list for every application. */
function firstRedirect(rules: readonly XmlElement[]): PlainHttp | undefined {
  const known = firstRedirects.get(rules) ?? {
    found: rules.map(redirectToHttps).find((each) => each !== undefined),
  }
  firstRedirects.set(rules, known)
  return known.found
}

function redirectToHttps(rule: XmlElement): PlainHttp | undefined {
  const [action] = within([rule], 'action')
  if (action === undefined || attributeOf(rule, 'enabled')?.value.toLowerCase() === 'false') return undefined
  const isRedirect = attributeOf(action, 'type')?.value.toLowerCase() === 'redirect'
  if (!isRedirect || !isHttps(attributeOf(action, 'url')?.value ?? '')) return undefined
  if (!matchesEverything(rule) || sparesWarmup(rule)) return undefined
  const name = attributeOf(rule, 'name')?.value ?? ''
  return { place: rule.place, what: `the redirect to HTTPS of the rewrite rule ${quoted(name)}`, rule: name }
}

const isHttps = (url: string) => /^https:/i.test(url.trim())

/** The expression of a rule is not run, as it may be made to take for ever: only those that match all are known. */
function matchesEverything(rule: XmlElement): boolean {
  const [match] = within([rule], 'match')
  const url = match === undefined ? '.*' : (attributeOf(match, 'url')?.value ?? '.*')
  return ['', '.*', '(.*)', '^(.*)$', '^.*$', '*', '.+', '(.+)'].includes(url.trim())
}

/** A condition that lets warm-up requests through, in any of the ways that Microsoft and others recommend. */
const sparesWarmup = (rule: XmlElement): boolean =>
  within([rule], 'conditions', 'add').some((condition) => {
    const input = attributeOf(condition, 'input')?.value ?? ''
    const negated = attributeOf(condition, 'negate')?.value.toLowerCase() === 'true'
    return negated && /\{(?:WARMUP_REQUEST|REMOTE_ADDR|LOCAL_ADDR|HTTP_USER_AGENT)\}/i.test(input)
  })
