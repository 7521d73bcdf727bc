import { expect, test } from 'vitest'
import type { Mend } from '../../../src/iis/audit/finding.ts'
import { audit } from '../../../src/iis/audit/rules.ts'
import { configuration, fixture, machineOf, planted } from '../../support/files/iis_files.ts'

async function mendOf(text: string, rule: string): Promise<Mend> {
  const finding = audit([await machineOf(text)]).find((each) => each.rule.id === rule)
  if (finding === undefined) throw new Error(`${rule} finds nothing`)
  return finding.mend
}

const appcmd = '%windir%\\system32\\inetsrv\\appcmd.exe'
const apphost = "-PSPath 'MACHINE/WEBROOT/APPHOST'"

test('an idle pool is fixed by one line of each tool', async () => {
  const text = planted(fixture('node'), ['<processModel idleTimeout="00:00:00" />', ''])
  expect(await mendOf(text, 'idle-timeout-terminates')).toEqual({
    appcmd: [`${appcmd} set apppool "shop" "/processModel.idleTimeout:00:00:00"`],
    powershell: [
      `Set-WebConfigurationProperty ${apphost} -Filter 'system.applicationHost/applicationPools/add[@name="shop"]/processModel' -Name 'idleTimeout' -Value '00:00:00'`,
    ],
  })
})

test('a recycle is moved to a minute that no other pool has', async () => {
  const text = planted(fixture('node'), ['value="03:20:00"', 'value="03:00:00"'])
  expect(await mendOf(text, 'recycle-same-minute')).toEqual({
    appcmd: [
      `${appcmd} set apppool "shop" "/-recycling.periodicRestart.schedule.[value='03:00:00']"`,
      `${appcmd} set apppool "shop" "/+recycling.periodicRestart.schedule.[value='03:21:00']"`,
    ],
    powershell: [
      `Remove-WebConfigurationProperty ${apphost} -Filter 'system.applicationHost/applicationPools/add[@name="shop"]/recycling/periodicRestart/schedule' -Name '.' -AtElement @{value='03:00:00'}`,
      `Add-WebConfigurationProperty ${apphost} -Filter 'system.applicationHost/applicationPools/add[@name="shop"]/recycling/periodicRestart/schedule' -Name '.' -Value @{value='03:21:00'}`,
    ],
  })
})

test('preload begins with its feature, unless that is known to be there', async () => {
  const onDemand = planted(fixture('node'), [' startMode="AlwaysRunning" autoStart="true"', ''])
  expect((await mendOf(onDemand, 'preload-without-always-running')).appcmd).toEqual([
    `${appcmd} set apppool "intranet" "/startMode:AlwaysRunning"`,
  ])
  const withoutFeature = planted(onDemand, [
    '<add name="ApplicationInitializationModule" image="%windir%\\System32\\inetsrv\\warmup.dll" />',
    '',
  ])
  expect((await mendOf(withoutFeature, 'preload-without-always-running')).appcmd).toEqual([
    'dism.exe /online /enable-feature /featurename:IIS-ApplicationInit /all',
    `${appcmd} set apppool "intranet" "/startMode:AlwaysRunning"`,
  ])
})

test('a restriction of addresses lets the machine itself in, where it stands', async () => {
  const text = planted(fixture('node'), [
    '<aspNetCore',
    '<security><ipSecurity allowUnlisted="false" /></security><aspNetCore',
  ])
  expect(await mendOf(text, 'initialization-page-refused')).toEqual({
    appcmd: [
      `${appcmd} set config "Shop" -section:system.webServer/security/ipSecurity "/+[ipAddress='127.0.0.1',allowed='true']" /commit:apphost`,
    ],
    powershell: [
      `Add-WebConfigurationProperty ${apphost} -Location 'Shop' -Filter 'system.webServer/security/ipSecurity' -Name '.' -Value @{ipAddress='127.0.0.1';allowed='true'}`,
    ],
  })
})

test('failed requests are traced once the feature is there, on for all sites by default, and with one rule for all', async () => {
  const text = configuration('<add name="p" />', `${siteIn('p')}${siteIn('q')}`)
  const section = 'system.webServer/tracing/traceFailedRequests'
  expect(await mendOf(text, 'tracing-off')).toEqual({
    appcmd: [
      'dism.exe /online /enable-feature /featurename:IIS-HttpTracing /all',
      `${appcmd} set config -section:system.applicationHost/sites "/siteDefaults.traceFailedRequestsLogging.enabled:true" /commit:apphost`,
      `${appcmd} set config -section:${section} "/+[path='*']" /commit:apphost`,
      `${appcmd} set config -section:${section} "/+[path='*'].traceAreas.[provider='WWW Server',areas='RequestNotifications,Module',verbosity='Warning']" /commit:apphost`,
      `${appcmd} set config -section:${section} "/[path='*'].failureDefinitions.statusCodes:502-504" /commit:apphost`,
      `${appcmd} set config -section:${section} "/[path='*'].failureDefinitions.timeTaken:00:00:10" /commit:apphost`,
    ],
    powershell: [
      'Install-WindowsFeature -Name Web-Http-Tracing',
      `Set-WebConfigurationProperty ${apphost} -Filter 'system.applicationHost/sites/siteDefaults/traceFailedRequestsLogging' -Name 'enabled' -Value $true`,
      `Add-WebConfigurationProperty ${apphost} -Filter '${section}' -Name '.' -Value @{path='*'}`,
      `Add-WebConfigurationProperty ${apphost} -Filter '${section}/add[@path="*"]/traceAreas' -Name '.' -Value @{provider='WWW Server';areas='RequestNotifications,Module';verbosity='Warning'}`,
      `Set-WebConfigurationProperty ${apphost} -Filter '${section}/add[@path="*"]/failureDefinitions' -Name 'statusCodes' -Value '502-504'`,
      `Set-WebConfigurationProperty ${apphost} -Filter '${section}/add[@path="*"]/failureDefinitions' -Name 'timeTaken' -Value '00:00:10'`,
    ],
  })
})

test('a web farm is fixed in the section webFarms', async () => {
  const text = planted(fixture('balancer'), ['minServers="2"', ''])
  expect(await mendOf(text, 'arr-min-servers-zero')).toEqual({
    appcmd: [
      `${appcmd} set config -section:webFarms "/[name='shop'].applicationRequestRouting.healthCheck.minServers:1" /commit:apphost`,
    ],
    powershell: [
      `Set-WebConfigurationProperty ${apphost} -Filter 'webFarms/webFarm[@name="shop"]/applicationRequestRouting/healthCheck' -Name 'minServers' -Value 1`,
    ],
  })
})

test('a rewrite rule is changed to let warm-up requests through', async () => {
  const text = planted(fixture('node'), ['<add input="{WARMUP_REQUEST}" pattern="1" negate="true" />', ''])
  expect(await mendOf(text, 'initialization-page-redirects')).toMatchObject({
    appcmd: [
      `${appcmd} set config "Intranet" -section:system.webServer/rewrite/rules "/+[name='to https'].conditions.[input='{WARMUP_REQUEST}',pattern='1',negate='true']" /commit:apphost`,
    ],
    powershell: [expect.stringContaining("-PSPath 'MACHINE/WEBROOT/APPHOST' -Location 'Intranet' -Filter")],
  })
})

const named = (name: string) => configuration(`<add name="${name}" />`, siteIn(name))
const siteIn = (pool: string) =>
  `<site name="S"><application path="/" applicationPool="${pool}" /><bindings><binding protocol="http" bindingInformation="*:80:" /></bindings></site>`

test('an apostrophe, plain or typographic, is doubled for PowerShell', async () => {
  const { powershell, appcmd: lines } = await mendOf(
    named("It’s Bob's & co".replace('&', '&amp;')),
    'idle-timeout-terminates',
  )
  expect(powershell[0]).toContain(`add[@name="It’’s Bob''s & co"]`)
  expect(lines[0]).toContain('set apppool "It’s Bob\'s & co" ')
})

test.for(['a&quot; &amp; calc', '%PATH%', 'a]b', 'a\\', 'a&#10;calc', 'a&#x202e;b'])(
  'the name %s gets no command, but a word why',
  async (name) => {
    expect(await mendOf(named(name), 'idle-timeout-terminates')).toEqual({
      appcmd: [],
      powershell: [],
      note: 'a name contains characters that no command line can carry safely; make the change in IIS Manager',
    })
  },
)

test('a farm name that would end its quotes in appcmd gets no command', async () => {
  const text = planted(
    fixture('balancer'),
    ['<webFarm name="shop">', `<webFarm name="sh'op">`],
    ['minServers="2"', ''],
  )
  expect(await mendOf(text, 'arr-min-servers-zero')).toMatchObject({ appcmd: [], powershell: [] })
})
