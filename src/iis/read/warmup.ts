import type { Place } from '../../model/place.ts'
import { readCore } from './asp_net_core.ts'
import { flag, text } from './kinds.ts'
import { collected, type FindSection, type Layer } from './locations.ts'
import { quoted } from './remark.ts'
import type { Server } from './server.ts'
import type { Application, Site } from './site.ts'
import { type Where, whereOf } from './where.ts'
import { attributeOf, isSame, textOf, within, type XmlElement } from './xml_element.ts'

/** What keeps a plain HTTP request from the application that it is for. */
export interface Obstacle {
  readonly place: Place
  /** As the end of a sentence: "the warm-up request gets no further than …". */
  readonly what: string
  /** The rewrite rule, when it is one, with its section: it can let warm-up requests through. */
  readonly rule?: { readonly name: string; readonly section: string; readonly where: Where }
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
    /** Where changes of its settings belong. */
    where: whereSettingsAre(own, 'applicationInitialization', application, layers, find),
    /** Why warm-up requests, which are plain HTTP, do not reach the application. */
    blocked: obstacleTo(application, site, layers, { find, settingsOf }),
    /** Why warm-up requests, which are anonymous and come from the machine itself, are refused. */
    refused: refusalOf(application, layers, { find, settingsOf }),
    core: readCore(application, layers, { find, settingsOf }),
  }
}

function whereSettingsAre(
  own: readonly XmlElement[],
  section: string,
  { id }: Application,
  layers: readonly Layer[],
  find: FindSection,
): Where {
  const last = own.at(-1)
  const location = id.replace(/\/$/, '')
  if (last === undefined) return { location, inServerFile: false }
  return whereOf(last, `system.webServer/${section}`, { id, layers, find })
}

/** Authentication before the application, or a list of addresses that lacks the machine itself. */
function refusalOf(
  { id, place }: Application,
  layers: readonly Layer[],
  { find, settingsOf }: Pick<Server, 'find' | 'settingsOf'>,
): Obstacle | undefined {
  const authentication = 'system.webServer/security/authentication'
  const own = find(`${authentication}/anonymousAuthentication`, id, layers)
  const anonymous = settingsOf({ own, place })('enabled', flag, true)
  if (!anonymous.value)
    return {
      place: anonymous.place,
      what: 'the authentication of IIS, which answers 401 (anonymousAuthentication is off)',
    }
  const lists = find('system.webServer/security/ipSecurity', id, layers)
  const unlisted = settingsOf({ own: lists, place })('allowUnlisted', flag, true)
  const machine = collected(lists, { key: 'ipAddress' }).find((each) =>
    ['127.0.0.1', '::1'].includes(textOf(each, 'ipAddress').trim()),
  )
  const isAllowed = machine === undefined ? unlisted.value : isSame(textOf(machine, 'allowed'), 'true')
  if (isAllowed) return undefined
  const what = 'the restriction of addresses (ipSecurity), which answers 403.6 to the machine itself'
  return { place: machine?.place ?? unlisted.place, what }
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
    const rule = firstRedirect(collected(sectionOf(rules), { add: 'rule', key: 'name' }))
    if (rule === undefined) continue
    const [name, section] = [textOf(rule, 'name'), `system.webServer/${rules}`]
    const where = whereOf(rule, section, { id, layers, find })
    const what = `the redirect to HTTPS of the rewrite rule ${quoted(name)}`
    return { place: rule.place, what, rule: { name, section, where } }
  }
  return undefined
}

const firstRedirects = new WeakMap<readonly XmlElement[], { readonly found: XmlElement | undefined }>()

/** Rules of the server are one list for every application. */
function firstRedirect(rules: readonly XmlElement[]): XmlElement | undefined {
  const known = firstRedirects.get(rules) ?? { found: rules.find(redirectsToHttps) }
  firstRedirects.set(rules, known)
  return known.found
}

function redirectsToHttps(rule: XmlElement): boolean {
  const [action] = within([rule], 'action')
  if (isSame(textOf(rule, 'enabled'), 'false') || !isSame(textOf(action, 'type'), 'redirect')) return false
  return isHttps(textOf(action, 'url')) && matchesEverything(rule) && !sparesWarmup(rule)
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
