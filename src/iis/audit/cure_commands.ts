/** Builds the commands that fix a finding. */
import type { Application } from '../read/site.ts'
import { appcmd, type Change, property, setProperty, single, whenQuotable } from './command_text.ts'
import type { Mend } from './finding.ts'

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

export const setSite = (site: string, change: Change): Mend =>
  whenQuotable([site, change.value], () => ({
    appcmd: [appcmd(`set site "${site}" "/${change.setting}:${change.value}"`)],
    powershell: [setProperty(`system.applicationHost/sites/site[@name="${site}"]`, change)],
  }))

/** Changes what every site has that does not say otherwise. */
export const setSiteDefaults = (change: Change): Mend => ({
  appcmd: [
    appcmd(
      `set config -section:system.applicationHost/sites "/siteDefaults.${change.setting}:${change.value}" /commit:apphost`,
    ),
  ],
  powershell: [setProperty('system.applicationHost/sites/siteDefaults', change)],
})

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

export const enableServer = (farm: string, address: string): Mend =>
  whenQuotable(
    [],
    () => ({
      appcmd: [
        appcmd(
          `set config -section:webFarms "/[name='${farm}'].[address='${address}'].enabled:true" /commit:apphost`,
        ),
      ],
      powershell: [
        setProperty(`webFarms/webFarm[@name="${farm}"]/server[@address="${address}"]`, {
          setting: 'enabled',
          value: 'true',
        }),
      ],
    }),
    [farm, address],
  )

export const installApplicationInitialization: Mend = {
  appcmd: ['dism.exe /online /enable-feature /featurename:IIS-ApplicationInit /all'],
  powershell: ['Install-WindowsFeature -Name Web-AppInit'],
  note: 'on Windows 10 and 11 PowerShell installs it by Enable-WindowsOptionalFeature -Online -FeatureName IIS-ApplicationInit',
}

export const installTracing: Mend = {
  appcmd: ['dism.exe /online /enable-feature /featurename:IIS-HttpTracing /all'],
  powershell: ['Install-WindowsFeature -Name Web-Http-Tracing'],
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
