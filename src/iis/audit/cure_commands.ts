/** Builds the commands that fix a finding. No name in a configuration can become a command. */
import type { Application } from '../read/site.ts'
import type { Mend } from './finding.ts'

const appcmd = '%windir%\\system32\\inetsrv\\appcmd.exe'
const server = "-PSPath 'MACHINE/WEBROOT/APPHOST'"

/** Used for a name that cmd.exe or PowerShell might not read as a name. */
const notQuotable: Mend = {
  appcmd: [],
  powershell: [],
  note: 'a name contains characters that no command line can carry safely; make the change in IIS Manager',
}

/** Quotes, percent signs (variables of cmd.exe), brackets of IIS's paths and control characters would end a name early. */
const isQuotable = (name: string) => !/["%[\]\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)

/** A PowerShell string; PowerShell treats typographic quotes as plain ones. */
const single = (text: string) => `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`

/** The commands, if `names` can be put in double quotes and `keys`, which appcmd needs in single quotes, in both. */
const whenQuotable = (names: readonly string[], make: () => Mend, keys: readonly string[] = []): Mend =>
  [...names, ...keys].every(isQuotable) && !keys.some((key) => key.includes("'")) ? make() : notQuotable

interface Change {
  /** `processModel.idleTimeout`: the elements and, last, the attribute. */
  readonly setting: string
  readonly value: string
}

/** Splits `a.b.attribute` into the XPath of its element below `base` and the attribute. */
function target(base: string, setting: string): { readonly filter: string; readonly name: string } {
  const steps = setting.split('.')
  return { filter: [base, ...steps.slice(0, -1)].join('/'), name: steps.at(-1) ?? '' }
}

function setProperty(base: string, { setting, value }: Change): string {
  const { filter, name } = target(base, setting)
  const isWord = /^(?:true|false)$/.test(value)
  const shown = isWord ? `$${value}` : /^\d+$/.test(value) ? value : single(value)
  return `Set-WebConfigurationProperty ${server} -Filter ${single(filter)} -Name ${single(name)} -Value ${shown}`
}

const poolFilter = (pool: string) => `system.applicationHost/applicationPools/add[@name="${pool}"]`

/** Sets attributes of an application pool. */
export function setPool(pool: string, ...changes: readonly Change[]): Mend {
  return whenQuotable([pool, ...changes.map(({ value }) => value)], () => ({
    appcmd: [
      `${appcmd} set apppool "${pool}" ${changes.map(({ setting, value }) => `"/${setting}:${value}"`).join(' ')}`,
    ],
    powershell: changes.map((change) => setProperty(poolFilter(pool), change)),
  }))
}

/** Removes times from a pool's own recycling schedule and adds others. Times are `hh:mm:ss`. */
export function reschedulePool(pool: string, out: readonly string[], put: readonly string[]): Mend {
  const schedule = 'recycling.periodicRestart.schedule'
  const filter = single(`${poolFilter(pool)}/${schedule.replaceAll('.', '/')}`)
  const change = (sign: '-' | '+') => (time: string) =>
    `${appcmd} set apppool "${pool}" "/${sign}${schedule}.[value='${time}']"`
  return whenQuotable([pool], () => ({
    appcmd: [...out.map(change('-')), ...put.map(change('+'))],
    powershell: [
      ...out.map(
        (time) =>
          `Remove-WebConfigurationProperty ${server} -Filter ${filter} -Name '.' -AtElement @{value='${time}'}`,
      ),
      ...put.map(
        (time) =>
          `Add-WebConfigurationProperty ${server} -Filter ${filter} -Name '.' -Value @{value='${time}'}`,
      ),
    ],
  }))
}

/** Sets an attribute of an application. */
export function setApplication({ site, path, id }: Application, change: Change): Mend {
  const filter = `system.applicationHost/sites/site[@name="${site}"]/application[@path="${path}"]`
  return whenQuotable([site, path, change.value], () => ({
    appcmd: [`${appcmd} set app "${id}" "/${change.setting}:${change.value}"`],
    powershell: [setProperty(filter, change)],
  }))
}

/** Moves applications to a new pool, which has the defaults of this server. */
export function moveToOwnPool(applications: readonly Application[], pool: string): Mend {
  const moves = applications.map((each) => setApplication(each, { setting: 'applicationPool', value: pool }))
  return whenQuotable([pool, ...applications.flatMap(({ site, path }) => [site, path])], () => ({
    appcmd: [`${appcmd} add apppool /name:"${pool}"`, ...moves.flatMap((move) => move.appcmd)],
    powershell: [`New-WebAppPool -Name ${single(pool)}`, ...moves.flatMap((move) => move.powershell)],
    note: 'the new pool takes the defaults of this server: give it the settings of the old one',
  }))
}

/** Sets attributes of a web farm. */
export function setFarm(farm: string, ...changes: readonly Change[]): Mend {
  const make = (): Mend => ({
    appcmd: changes.map(
      ({ setting, value }) =>
        `${appcmd} set config -section:webFarms "/[name='${farm}'].${setting}:${value}" /commit:apphost`,
    ),
    powershell: changes.map((change) => setProperty(`webFarms/webFarm[@name="${farm}"]`, change)),
  })
  return whenQuotable(
    changes.map(({ value }) => value),
    make,
    [farm],
  )
}

/** Sets an attribute of a section for one application, in its web.config unless the section is locked. */
export function setSection({ site, path, id }: Application, section: string, change: Change): Mend {
  const location = id.replace(/\/$/, '')
  return whenQuotable([site, path], () => ({
    appcmd: [`${appcmd} set config "${location}" -section:${section} "/${change.setting}:${change.value}"`],
    powershell: [
      `Set-WebConfigurationProperty -PSPath ${single(`MACHINE/WEBROOT/APPHOST/${location}`)} -Filter ${single(section)} ` +
        `-Name ${single(change.setting)} -Value ${single(change.value)}`,
    ],
  }))
}

/** Replaces a warm-up page of an application; `from` may be none. */
export function replacePage({ site, path, id }: Application, from: string | undefined, to: string): Mend {
  const location = id.replace(/\/$/, '')
  const section = 'system.webServer/applicationInitialization'
  const place = single(`MACHINE/WEBROOT/APPHOST/${location}`)
  const make = (): Mend => ({
    appcmd: [
      ...(from === undefined
        ? []
        : [`${appcmd} set config "${location}" -section:${section} "/-[initializationPage='${from}']"`]),
      `${appcmd} set config "${location}" -section:${section} "/+[initializationPage='${to}']"`,
    ],
    powershell: [
      ...(from === undefined
        ? []
        : [
            `Remove-WebConfigurationProperty -PSPath ${place} -Filter '${section}' -Name '.' ` +
              `-AtElement @{initializationPage=${single(from)}}`,
          ]),
      `Add-WebConfigurationProperty -PSPath ${place} -Filter '${section}' -Name '.' -Value @{initializationPage='${to}'}`,
    ],
    note: `replace ${to} by a page that runs the application and what it depends on`,
  })
  return whenQuotable([site, path], make, from === undefined ? [] : [from])
}

/** Exempts warm-up requests from a rewrite rule that redirects to HTTPS. */
export function spareWarmup({ site, path, id }: Application, rule: string): Mend {
  const location = id.replace(/\/$/, '')
  const filter = `system.webServer/rewrite/rules/rule[@name="${rule}"]/conditions`
  const make = (): Mend => ({
    appcmd: [
      `${appcmd} set config "${location}" -section:system.webServer/rewrite/rules ` +
        `"/+[name='${rule}'].conditions.[input='{WARMUP_REQUEST}',pattern='1',negate='true']"`,
    ],
    powershell: [
      `Add-WebConfigurationProperty -PSPath ${single(`MACHINE/WEBROOT/APPHOST/${location}`)} -Filter ${single(filter)} ` +
        "-Name '.' -Value @{input='{WARMUP_REQUEST}';pattern='1';negate='True'}",
    ],
    note: 'the conditions of the rule must all have to hold (logicalGrouping="MatchAll", which is the default)',
  })
  return whenQuotable([site, path], make, [rule])
}

/** Installs the feature Application Initialization. */
export const installApplicationInitialization: Mend = {
  appcmd: ['dism.exe /online /enable-feature /featurename:IIS-ApplicationInit /all'],
  powershell: ['Install-WindowsFeature -Name Web-AppInit'],
  note: 'appcmd cannot install a feature; dism does it from the same prompt',
}

/** Several fixes, one after the other. */
export function together(...mends: readonly Mend[]): Mend {
  const notes = [...new Set(mends.flatMap(({ note }) => note ?? []))]
  return {
    appcmd: mends.flatMap((mend) => mend.appcmd),
    powershell: mends.flatMap((mend) => mend.powershell),
    ...(notes.length > 0 && { note: notes.join('; ') }),
  }
}

export const withNote = (mend: Mend, note: string): Mend =>
  together(mend, { appcmd: [], powershell: [], note })

/** A fix that no command can make. */
export const byHand = (note: string): Mend => ({ appcmd: [], powershell: [], note })
