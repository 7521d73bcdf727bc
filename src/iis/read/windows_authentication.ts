import type { Place } from '../../model/place.ts'
import { flag } from './kinds.ts'
import { collected, type Layer } from './locations.ts'
import type { Server } from './server.ts'
import type { Site } from './site.ts'
import { textOf, within } from './xml_element.ts'

/** What a site asks everybody for. */
export interface WindowsAuthentication {
  /** Where it is switched on. */
  readonly place: Place
  /** As written: `Negotiate`, `NTLM`, `Negotiate:Kerberos`. */
  readonly providers: readonly string[]
}

const section = 'system.webServer/security/authentication'

/**
 * Of the root of a site, where its settings stand: in location tags of the server's file or in web.config. Undefined where
 * Windows authentication is off, or anonymous users are let in first.
 */
export function readWindowsAuthentication(
  { name, place }: Site,
  layers: readonly Layer[],
  { find, settingsOf }: Server,
): WindowsAuthentication | undefined {
  const own = find(`${section}/windowsAuthentication`, name, layers)
  const enabled = settingsOf({ own, place })('enabled', flag, false)
  const anonymous = find(`${section}/anonymousAuthentication`, name, layers)
  if (!enabled.value || settingsOf({ own: anonymous, place })('enabled', flag, true).value) return undefined
  const providers = collected(within(own, 'providers'), { key: 'value' }).map((each) => textOf(each, 'value'))
  return { place: enabled.place, providers: providers.length === 0 ? ['Negotiate', 'NTLM'] : providers }
}
