/** The text of commands for appcmd and PowerShell. No name in a configuration can become a command. */
import type { Where } from '../read/where.ts'
import type { Mend } from './finding.ts'

/** Used for a name that cmd.exe or PowerShell might not read as a name. */
const notQuotable: Mend = {
  appcmd: [],
  powershell: [],
  note: 'a name contains characters that no command line can carry safely; make the change in IIS Manager',
}

/** Quotes, percent signs (variables of cmd.exe), brackets of IIS's paths and control characters would end a name early. */
const isQuotable = (name: string) => !/["%[\]\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)

/** The commands, if `names` can be put in double quotes and `keys`, which appcmd needs in single quotes, in both. */
export const whenQuotable = (
  names: readonly string[],
  make: () => Mend,
  keys: readonly string[] = [],
): Mend =>
  [...names, ...keys].every(isQuotable) && !keys.some((key) => key.includes("'")) ? make() : notQuotable

export const appcmd = (rest: string) => `%windir%\\system32\\inetsrv\\appcmd.exe ${rest}`

/** A PowerShell string; PowerShell treats typographic quotes as plain ones. */
export const single = (text: string) => `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`

/** Changes a property of the elements that an XPath `filter` finds, in the server's configuration or below a location. */
export function property(
  verb: 'Set' | 'Add' | 'Remove',
  filter: string,
  name: string,
  value: string,
  { location, inServerFile }: Where = theServer,
): string {
  const root = 'MACHINE/WEBROOT/APPHOST'
  const path = inServerFile ? root : `${root}/${location}`
  const tag = inServerFile && location !== '' ? ` -Location ${single(location)}` : ''
  const argument = verb === 'Remove' ? '-AtElement' : '-Value'
  return (
    `${verb}-WebConfigurationProperty -PSPath ${single(path)}${tag} -Filter ${single(filter)} ` +
    `-Name ${single(name)} ${argument} ${value}`
  )
}

export const theServer: Where = { location: '', inServerFile: true }

export interface Change {
  /** The elements and the attribute: `processModel.idleTimeout`. */
  readonly setting: string
  readonly value: string
}

export function setProperty(filter: string, { setting, value }: Change, where?: Where): string {
  const steps = setting.split('.')
  const name = steps.pop() ?? ''
  const isWord = /^(?:true|false)$/.test(value)
  const shown = isWord ? `$${value}` : /^\d+$/.test(value) ? value : single(value)
  return property('Set', [filter, ...steps].join('/'), name, shown, where)
}
