/** Builds the commands that fix a finding. No name in a configuration can become a command. */
import type { Application } from '../read/site.ts'
import type { Obstacle } from '../read/warmup.ts'
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
const whenQuotable = (names: readonly string[], make: () => Mend, keys: readonly string[] = []): Mend =>
  [...names, ...keys].every(isQuotable) && !keys.some((key) => key.includes("'")) ? make() : notQuotable

const appcmd = (rest: string) => `%windir%\\system32\\inetsrv\\appcmd.exe ${rest}`

/** A PowerShell string; PowerShell treats typographic quotes as plain ones. */
const single = (text: string) => `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`

/** Changes a property of the elements that an XPath `filter` finds, in the server's configuration or below a location. */
function property(
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

const theServer: Where = { location: '', inServerFile: true }

interface Change {
  /** The elements and the attribute: `processModel.idleTimeout`. */
  readonly setting: string
  readonly value: string
}

function setProperty(filter: string, { setting, value }: Change, where?: Where): string {
  const steps = setting.split('.')
  const name = steps.pop() ?? ''
  const isWord = /^(?:true|false)$/.test(value)
  const shown = isWord ? `$${value}` : /^\d+$/.test(value) ? value : single(value)
  return property('Set', [filter, ...steps].join('/'), name, shown, where)
}

const poolFilter = (pool: string) => `system.applicationHost/applicationPools/add[@name="${pool}"]`

export const setPool = (pool: string, change: Change): Mend =>
  whenQuotable([pool, change.value], () => ({
    appcmd: [appcmd(`set apppool "${pool}" "/${change.setting}:${change.value}"`)],
    powershell: [setProperty(poolFilter(pool), change)],
  }))

/** Changes what every pool has that does not say otherwise. */
export const setPoolDefaults = (change: Change): Mend => ({
  appcmd: [
    appcmd(
      `set config -section:system.applicationHost/applicationPools "/applicationPoolDefaults.${change.setting}:${change.value}" /commit:apphost`,
    ),
  ],
  powershell: [setProperty('system.applicationHost/applicationPools/applicationPoolDefaults', change)],
})

/** Removes times from a pool's own recycling schedule and adds others. Times are `hh:mm:ss`. */
export function reschedulePool(pool: string, removed: readonly string[], added: readonly string[]): Mend {
  const schedule = 'recycling.periodicRestart.schedule'
  const filter = `${poolFilter(pool)}/${schedule.replaceAll('.', '/')}`
  const change = (sign: '-' | '+', verb: 'Remove' | 'Add', times: readonly string[]): Mend => ({
    appcmd: times.map((time) => appcmd(`set apppool "${pool}" "/${sign}${schedule}.[value='${time}']"`)),
    powershell: times.map((time) => property(verb, filter, '.', `@{value='${time}'}`)),
  })
  return whenQuotable([pool], () => together([change('-', 'Remove', removed), change('+', 'Add', added)]))
}

export function setApplication({ site, path, id }: Application, change: Change): Mend {
  const filter = `system.applicationHost/sites/site[@name="${site}"]/application[@path="${path}"]`
  return whenQuotable([site, path, change.value], () => ({
    appcmd: [appcmd(`set app "${id}" "/${change.setting}:${change.value}"`)],
    powershell: [setProperty(filter, change)],
  }))
}

/** Moves applications to a new pool, which has the defaults of this server. */
export function moveToOwnPool(applications: readonly Application[], pool: string): Mend {
  const moves = applications.map((each) => setApplication(each, { setting: 'applicationPool', value: pool }))
  return whenQuotable([pool, ...applications.flatMap(({ site, path }) => [site, path])], () =>
    together([
      {
        appcmd: [appcmd(`add apppool /name:"${pool}"`)],
        powershell: [`New-WebAppPool -Name ${single(pool)}`],
        note: 'the new pool takes the defaults of this server: give it the settings of the old one',
      },
      ...moves,
    ]),
  )
}

export const setFarm = (farm: string, change: Change): Mend =>
  whenQuotable(
    [change.value],
    () => ({
      appcmd: [
        appcmd(
          `set config -section:webFarms "/[name='${farm}'].${change.setting}:${change.value}" /commit:apphost`,
        ),
      ],
      powershell: [setProperty(`webFarms/webFarm[@name="${farm}"]`, change)],
    }),
    [farm],
  )

const initialization = 'system.webServer/applicationInitialization'

/** Changes a section where it stands: in the web.config of a location, or in the server's file. */
function setConfig({ location, inServerFile }: Where, section: string, change: string): string {
  const place = location === '' ? '' : ` "${location}"`
  return appcmd(
    `set config${place} -section:${section} "/${change}"${inServerFile ? ' /commit:apphost' : ''}`,
  )
}

/** Changes an attribute of a section that is no collection. */
export function setSection(where: Where, section: string, { setting, value }: Change): Mend {
  return whenQuotable([where.location, value], () => ({
    appcmd: [setConfig(where, section, `${setting}:${value}`)],
    powershell: [property('Set', section, setting, single(value), where)],
  }))
}

export const setInitialization = (where: Where, change: Change): Mend =>
  setSection(where, initialization, change)

/** Adds an element to a collection of a section, or to one below it; `at` is its path there, and empty for the section. */
export function addElement(
  where: Where,
  section: string,
  at: string,
  values: Readonly<Record<string, string>>,
): Mend {
  const pairs = Object.entries(values)
  return whenQuotable([where.location], () => ({
    appcmd: [
      setConfig(
        where,
        section,
        `+${at === '' ? '' : `${at}.`}[${pairs.map(([key, value]) => `${key}='${value}'`).join(',')}]`,
      ),
    ],
    powershell: [
      property(
        'Add',
        [section, ...at.split('.').filter((step) => step !== '')].join('/'),
        '.',
        `@{${pairs.map(([key, value]) => `${key}=${single(value)}`).join(';')}}`,
        where,
      ),
    ],
  }))
}

const page = (url: string) => `@{initializationPage=${single(url)}}`

export function replacePage(where: Where, from: string, to: string): Mend {
  const make = (): Mend => ({
    appcmd: [
      setConfig(where, initialization, `-[initializationPage='${from}']`),
      setConfig(where, initialization, `+[initializationPage='${to}']`),
    ],
    powershell: [
      property('Remove', initialization, '.', page(from), where),
      property('Add', initialization, '.', page(to), where),
    ],
    note: `replace ${to} by a page that runs the application and what it depends on`,
  })
  return whenQuotable([where.location], make, [from])
}

/** Exempts warm-up requests from a rewrite rule that redirects to HTTPS, where the rule stands. */
export function spareWarmup({ name: rule, section, where }: NonNullable<Obstacle['rule']>): Mend {
  const condition = "@{input='{WARMUP_REQUEST}';pattern='1';negate='True'}"
  const make = (): Mend => ({
    appcmd: [
      setConfig(
        where,
        section,
        `+[name='${rule}'].conditions.[input='{WARMUP_REQUEST}',pattern='1',negate='true']`,
      ),
    ],
    powershell: [property('Add', `${section}/rule[@name="${rule}"]/conditions`, '.', condition, where)],
    note: 'the conditions of the rule must all have to hold (logicalGrouping="MatchAll", which is the default)',
  })
  return whenQuotable([where.location], make, [rule])
}

/** Enables a rewrite rule, or gives another of its attributes a value. */
export const setRule = (rule: string, section: string, where: Where, { setting, value }: Change): Mend =>
  whenQuotable(
    [where.location, value],
    () => ({
      appcmd: [setConfig(where, section, `[name='${rule}'].${setting}:${value}`)],
      powershell: [setProperty(`${section}/rule[@name="${rule}"]`, { setting, value }, where)],
    }),
    [rule],
  )

export const installApplicationInitialization: Mend = {
  appcmd: ['dism.exe /online /enable-feature /featurename:IIS-ApplicationInit /all'],
  powershell: ['Install-WindowsFeature -Name Web-AppInit'],
  note: 'on Windows 10 and 11 PowerShell installs it by Enable-WindowsOptionalFeature -Online -FeatureName IIS-ApplicationInit',
}

const unique = (lines: readonly string[]) => [...new Set(lines)]

/** Several fixes as one; a command that all of them need is there once. */
export function together(mends: readonly Mend[]): Mend {
  const notes = unique(mends.flatMap(({ note }) => note ?? []))
  return {
    appcmd: unique(mends.flatMap((mend) => mend.appcmd)),
    powershell: unique(mends.flatMap((mend) => mend.powershell)),
    ...(notes.length > 0 && { note: notes.join('; ') }),
  }
}

/** A fix that no command can make. */
export const byHand = (note: string): Mend => ({ appcmd: [], powershell: [], note })

export const withNote = (mend: Mend, note: string): Mend => together([mend, byHand(note)])
