/** Whether the warm-up request runs the application. */
import { quoted } from '../read/remark.ts'
import { byHand } from './cure_commands.ts'
import type { Rule } from './finding.ts'
import { isStatic } from './health_rules.ts'
import { applicationThing, onApplications } from './scope.ts'
import { addElement, replacePage, setInitialization, spareWarmup } from './section_commands.ts'

/** A page that every application can have; the note of the fix says what it should do. */
const warmupPage = '/warmup'

const redirected: Rule = {
  id: 'initialization-page-redirects',
  severity: 'error',
  todo: 'let the warm-up request through to the application',
  title: 'The warm-up request is redirected to HTTPS',
  meaning:
    'The warm-up request is plain HTTP, and any answer ends it: after a redirect the application counts as warm, and the ' +
    'first user starts it.',
  look: onApplications((application, { blocked, pages }) => {
    if (blocked === undefined || (!application.preload.value && pages.length === 0)) return false
    const way =
      'redirect in a rewrite rule with the condition {WARMUP_REQUEST} is not 1, or in the application itself'
    return {
      place: blocked.place,
      subject: applicationThing(application).subject,
      what: `the warm-up request gets no further than ${blocked.what}`,
      mend: blocked.rule === undefined ? byHand(way) : spareWarmup(blocked.rule),
    }
  }),
}

const refused: Rule = {
  id: 'initialization-page-refused',
  severity: 'warning',
  todo: 'let the warm-up request in',
  title: 'The warm-up request is refused before it reaches the application',
  meaning:
    'The warm-up request is anonymous and comes from the machine itself, and any answer ends it: after a 401 or 403 the ' +
    'application counts as warm, and the first user starts it.',
  look: onApplications((application, { refused, where, pages }) => {
    if (refused === undefined || (!application.preload.value && pages.length === 0)) return false
    const isAuthentication = refused.what.includes('401')
    const mend = isAuthentication
      ? byHand(
          'allow anonymous requests for the warm-up page alone, in a location tag with its path, and see with a probe of ' +
            'farmprobe after a recycle whether the application starts before its first user',
        )
      : addElement({ ...where, inServerFile: true }, 'system.webServer/security/ipSecurity', '', {
          ipAddress: '127.0.0.1',
          allowed: 'true',
        })
    return {
      place: refused.place,
      subject: applicationThing(application).subject,
      what: `the warm-up request gets no further than ${refused.what}`,
      mend,
    }
  }),
}

const staticPage: Rule = {
  id: 'initialization-page-static',
  severity: 'warning',
  todo: 'warm up with a page of the application',
  title: 'The warm-up page is a static file',
  meaning: 'IIS serves a file without starting the application, so the first user still waits for it.',
  look: onApplications((application, { pages, where }) =>
    pages
      .filter(({ url }) => isStatic(url))
      .map(({ url, place }) => ({
        place,
        subject: applicationThing(application).subject,
        what: `initializationPage is ${quoted(url)}`,
        mend: replacePage(where, url, warmupPage),
      })),
  ),
}

const notAfterRestart: Rule = {
  id: 'initialization-not-after-restart',
  severity: 'note',
  todo: 'warm up after restarts inside the worker as well',
  title: 'No warm-up when the application restarts inside its worker',
  meaning:
    'After a change to web.config or a DLL the worker stays and the application restarts: a user waits for it.',
  look: onApplications((application, { pages, afterRestart, where }) => {
    const [first] = pages
    if (first === undefined || afterRestart.value) return false
    return {
      place: afterRestart.from === 'own' ? afterRestart.place : first.place,
      subject: applicationThing(application).subject,
      what: 'doAppInitAfterRestart is false, though warm-up pages are configured',
      mend: setInitialization(where, { setting: 'doAppInitAfterRestart', value: 'true' }),
    }
  }),
}

const splash: Rule = {
  id: 'initialization-splash',
  severity: 'note',
  todo: 'drop the splash page',
  title: 'A splash page while the application starts',
  meaning:
    'Users and health checks get a 200 that is not the application, so the balancer sends users to a node that is ' +
    'not ready.',
  look: onApplications(
    (application, { splash: { value, place }, where }) =>
      value !== '' && {
        place,
        subject: applicationThing(application).subject,
        what: `remapManagedRequestsTo is ${quoted(value)}`,
        mend: setInitialization(where, { setting: 'remapManagedRequestsTo', value: '' }),
      },
  ),
}

export const warmupRules: readonly Rule[] = [redirected, refused, staticPage, notAfterRestart, splash]
