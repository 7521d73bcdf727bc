import type { Place } from '../../model/place.ts'
import { flag, type Kind, text, timeSpan } from './kinds.ts'
import { collected, type Layer } from './locations.ts'
import { quoted } from './remark.ts'
import type { Server } from './server.ts'
import type { Application, Site } from './site.ts'
import { attributeOf, isSame, textOf, within, type XmlElement } from './xml_element.ts'

/** What keeps a plain HTTP request from the application that it is for. */
interface Obstacle {
  readonly place: Place
  /** As the end of a sentence: "the warm-up request gets no further than …". */
  readonly what: string
  /** The rewrite rule, when it is one: it can let warm-up requests through. */
  readonly rule?: string
}

/** More pages than this would take longer than any start may. */
const mostPages = 50

/** What Application Initialization does for an application, and what keeps it from working. */
export type Warmup = ReturnType<typeof readWarmup>

/** Reads what is in force for an application; `layers` are its web.config files. */
export function readWarmup(
  application: Application,
  site: Site,
  layers: readonly Layer[],
  { find, settingsOf }: Server,
) {
  const { id, place } = application
  const own = find('system.webServer/applicationInitialization', id, layers)
  const core = find('system.webServer/aspNetCore', id, layers)
  const read = settingsOf({ own, place })
  return {
    /** The configured pages; when there is none, preload requests `/`. */
    pages: collected(own, { key: 'initializationPage' })
      .slice(0, mostPages)
      .flatMap((element) => {
        const page = attributeOf(element, 'initializationPage')
        return page === undefined ? [] : [{ url: page.value, place: page.place }]
      }),
    afterRestart: read('doAppInitAfterRestart', flag, false),
    /** The page shown in place of all others while the application starts; empty for none. */
    splash: read('remapManagedRequestsTo', text, ''),
    /** Why warm-up requests, which are plain HTTP, do not reach the application. */
    blocked: obstacleTo(application, site, layers, { find, settingsOf }),
    /** How long the ASP.NET Core module waits for the application to start; for such applications only. */
    coreStartMs:
      core.length === 0
        ? undefined
        : settingsOf({ own: core, place })('startupTimeLimit', coreLimit, 120_000),
  }
}

/** The module counts seconds where IIS counts time spans. */
const coreLimit: Kind<number> = {
  read: (written) => (/^\d{1,6}$/.test(written) ? Number(written) * 1000 : timeSpan.read(written)),
  write: (ms) => String(ms / 1000),
  right: 'write seconds, such as 120',
}

/** The first thing that answers plain HTTP with a redirect to HTTPS, or refuses it. */
function obstacleTo(
  { id, place }: Application,
  { redirectsToHttps }: Site,
  layers: readonly Layer[],
  { find, settingsOf }: Pick<Server, 'find' | 'settingsOf'>,
): Obstacle | undefined {
  if (redirectsToHttps.value)
    return { place: redirectsToHttps.place, what: 'the redirect to HTTPS of the site (hsts)' }
  const sectionOf = (name: string) => find(`system.webServer/${name}`, id, layers)
  const redirect = settingsOf({ own: sectionOf('httpRedirect'), place })
  const destination = redirect('destination', text, '')
  if (redirect('enabled', flag, false).value && isHttps(destination.value))
    return { place: destination.place, what: `the redirect (httpRedirect) to ${quoted(destination.value)}` }
  const sslFlags = settingsOf({ own: sectionOf('security/access'), place })('sslFlags', text, '')
  if (sslFlags.value.split(/[\s,]+/).some((word) => isSame(word, 'ssl')))
    return { place: sslFlags.place, what: 'the requirement of TLS (sslFlags), which answers 403.4' }
  for (const rules of ['rewrite/globalRules', 'rewrite/rules']) {
    const found = firstRedirect(collected(sectionOf(rules), { add: 'rule', key: 'name' }))
    if (found !== undefined) return found
  }
  return undefined
}

const firstRedirects = new WeakMap<readonly XmlElement[], { readonly found: Obstacle | undefined }>()

/** Rules of the server are one list for every application. */
function firstRedirect(rules: readonly XmlElement[]): Obstacle | undefined {
  const known = firstRedirects.get(rules) ?? {
    found: rules.map(redirectToHttps).find((each) => each !== undefined),
  }
  firstRedirects.set(rules, known)
  return known.found
}

function redirectToHttps(rule: XmlElement): Obstacle | undefined {
  const [action] = within([rule], 'action')
  if (isSame(textOf(rule, 'enabled'), 'false') || !isSame(textOf(action, 'type'), 'redirect'))
    return undefined
  if (!isHttps(textOf(action, 'url')) || !matchesEverything(rule) || sparesWarmup(rule)) return undefined
  const name = textOf(rule, 'name')
  return { place: rule.place, what: `the redirect to HTTPS of the rewrite rule ${quoted(name)}`, rule: name }
}

const isHttps = (url: string) => /^https:/i.test(url.trim())

/** The expression of a rule is not run, since it could take forever: only those that match everything are known. */
function matchesEverything(rule: XmlElement): boolean {
  const url = textOf(within([rule], 'match')[0], 'url')
  return ['', '.*', '(.*)', '^(.*)$', '^.*$', '*', '.+', '(.+)'].includes(url.trim())
}

/** A condition that lets warm-up requests through, in any of the ways that Microsoft and others recommend. */
const sparesWarmup = (rule: XmlElement): boolean =>
  within([rule], 'conditions', 'add').some(
    (condition) =>
      isSame(textOf(condition, 'negate'), 'true') &&
      /\{(?:WARMUP_REQUEST|REMOTE_ADDR|LOCAL_ADDR|HTTP_USER_AGENT)\}/i.test(textOf(condition, 'input')),
  )
