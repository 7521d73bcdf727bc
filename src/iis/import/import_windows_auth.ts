import { placeText } from '../../model/place.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/remark.ts'
import type { Site } from '../read/site.ts'
import type { YamlLines } from './yaml_lines.ts'

/** Writes below a check what it takes to be let in where one of these sites asks everybody for Windows authentication. */
export function writeWindowsAuth(
  sites: readonly Site[],
  { windowsAuthentication }: Machine,
  { ask, comment }: YamlLines,
): void {
  const [asked] = sites.flatMap(({ name }) => windowsAuthentication.get(name) ?? [])
  if (asked === undefined) return
  const { place, providers } = asked
  const offered = providers.map(quoted).join(', ')
  comment(
    4,
    `Windows authentication (${offered}) is asked for (${placeText(place)}). With an account for probes:`,
  )
  comment(
    4,
    providers.some((provider) => /^(?:negotiate|ntlm)$/i.test(provider))
      ? "auth: { ntlm: { user: 'DOMAIN\\probe', password_file: probe-password } }"
      : 'auth: { negotiate: { principal: probe@EXAMPLE.ORG, keytab_file: probe.keytab } }',
  )
  ask(
    'which account do probes use where Windows authentication is asked for? Without one they fail with the reason auth.',
  )
}
