import { flag, text, timeSpan } from './kinds.ts'
import { collected, type FindSection, type Layer } from './locations.ts'
import type { Place } from './place.ts'
import { type PlainHttp, refusalOfPlainHttp } from './plain_http.ts'
import type { Setting, SettingReader } from './setting.ts'
import type { Application, Site } from './site.ts'
import { attributeOf } from './xml_element.ts'

/** What Application Initialization would do for an application, and what stands in its way. */
export interface Warmup {
  /** The pages that are configured; when there is none, preload asks for `/`. */
  readonly pages: readonly { readonly url: string; readonly place: Place }[]
  readonly afterRestart: Setting<boolean>
  /** The page shown in place of all others while the application starts; empty for none. */
  readonly splash: Setting<string>
  /** Why warm-up requests, which are plain HTTP, do not reach the application. */
  readonly blocked: PlainHttp | undefined
  /** How long the ASP.NET Core module waits for the application to start; for such applications only. */
  readonly coreStartMs: Setting<number> | undefined
}

/** More pages than this would take longer than anybody waits for a start. */
const mostPages = 50

/** Reads what is in force for an application, from the server's configuration and the web.config files of `layers`. */
export function readWarmup(
  application: Application,
  site: Site,
  layers: readonly Layer[],
  find: FindSection,
  read: SettingReader,
): Warmup {
  const { id, place } = application
  const own = find('system.webServer/applicationInitialization', id, layers)
  const core = find('system.webServer/aspNetCore', id, layers)
  return {
    pages: collected(own, { key: 'initializationPage' })
      .slice(0, mostPages)
      .flatMap((element) => {
        const page = attributeOf(element, 'initializationPage')
        return page === undefined ? [] : [{ url: page.value, place: page.place }]
      }),
    afterRestart: read({ own, place }, 'doAppInitAfterRestart', flag, false),
    splash: read({ own, place }, 'remapManagedRequestsTo', text, ''),
    blocked: refusalOfPlainHttp(application, site, layers, find, read),
    coreStartMs:
      core.length === 0 ? undefined : read({ own: core, place }, 'startupTimeLimit', coreLimit, 120_000),
  }
}

/** The module counts seconds where IIS counts time spans. */
const coreLimit = {
  read: (written: string) => (/^\d{1,6}$/.test(written) ? Number(written) * 1000 : timeSpan.read(written)),
  right: 'write seconds, such as 120',
}
