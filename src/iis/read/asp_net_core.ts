import { type Kind, text, timeSpan } from './kinds.ts'
import { collected, type Layer } from './locations.ts'
import type { Server } from './server.ts'
import type { Setting } from './setting.ts'
import type { Application } from './site.ts'
import { type Where, whereOf } from './where.ts'
import { isSame, textOf, within } from './xml_element.ts'

/** What the ASP.NET Core Module (ANCM) does for an application. */
export interface Core {
  /** How long the module waits for the application to start. */
  readonly startMs: Setting<number>
  /** How long it waits for an answer of an application in a process of its own. */
  readonly requestMs: Setting<number>
  readonly isInProcess: boolean
  readonly hostingModel: Setting<string>
  /** Milliseconds that it goes on serving in a recycle; undefined where nobody says so. */
  readonly shutdownDelayMs: number | undefined
  /** Where one of its settings stands, or else belongs. */
  readonly whereOf: (setting: Setting<unknown>) => Where
}

/** Undefined for an application that does not run in the ASP.NET Core Module. */
export function readCore(
  { id, place }: Application,
  layers: readonly Layer[],
  { find, settingsOf }: Pick<Server, 'find' | 'settingsOf'>,
): Core | undefined {
  const section = 'system.webServer/aspNetCore'
  const own = find(section, id, layers)
  const last = own.at(-1)
  if (last === undefined) return undefined
  const read = settingsOf({ own, place })
  const hostingModel = read('hostingModel', text, '')
  const handler = collected(within(own, 'handlerSettings'), { add: 'handlerSetting', key: 'name' })
  const delay = handler.find((each) => isSame(textOf(each, 'name'), 'shutdownDelay'))
  return {
    startMs: read('startupTimeLimit', seconds, 120_000),
    requestMs: read('requestTimeout', timeSpan, 120_000),
    isInProcess: isSame(hostingModel.value.trim(), 'inprocess'),
    hostingModel,
    shutdownDelayMs: delay === undefined ? undefined : Number(textOf(delay, 'value')) || 0,
    whereOf: ({ place: wanted }) => {
      const holder = own.findLast(({ attributes }) =>
        attributes.values().some((each) => each.place === wanted),
      )
      return whereOf(holder ?? last, section, { id, layers, find })
    },
  }
}

/** The module counts seconds where IIS counts time spans. */
const seconds: Kind<number> = {
  read: (written) => (/^\d{1,6}$/.test(written) ? Number(written) * 1000 : timeSpan.read(written)),
  write: (ms) => String(ms / 1000),
  right: 'write seconds, such as 120',
}
