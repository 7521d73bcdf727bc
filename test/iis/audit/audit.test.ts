import { expect, test } from 'vitest'
import { audit } from '../../../src/iis/audit/rules.ts'
import { placeText } from '../../../src/model/place.ts'
import {
  goodBalancer as balancer,
  balancerFaults,
  goodNode as node,
  nodeFaults,
} from '../../support/files/iis_faults.ts'
import { configuration, machineOf, planted } from '../../support/files/iis_files.ts'

/** `rule subject` of each thing that is found. */
async function found(...texts: readonly string[]): Promise<string[]> {
  const machines = []
  for (const [index, text] of texts.entries()) machines.push(await machineOf(text, {}, `${index + 1}.config`))
  return audit(machines).flatMap(({ rule, things }) => things.map(({ subject }) => `${rule.id} ${subject}`))
}

test('nothing is found where every advice is followed', async () => {
  expect(await found(node)).toEqual([])
  expect(await found(balancer)).toEqual([])
  const later = planted(
    node,
    ['value="03:00:00"', 'value="03:40:00"'],
    ['value="03:20:00"', 'value="04:00:00"'],
  )
  expect(await found(balancer, node, later)).toEqual([])
})

test.for(nodeFaults)('on a node %s is found, and nothing else', async ([, changes, expected]) => {
  expect(await found(planted(node, ...changes))).toEqual(expected)
})

test.for([
  [
    'a list of addresses with the machine itself',
    '<security><ipSecurity allowUnlisted="false"><add ipAddress="127.0.0.1" allowed="true" /></ipSecurity></security>',
  ],
  [
    'Windows authentication beside anonymous requests',
    '<security><authentication><anonymousAuthentication enabled="true" /><windowsAuthentication enabled="true" /></authentication></security>',
  ],
] as const)('nothing is found in %s', async ([, section]) => {
  expect(await found(planted(node, ['<aspNetCore', `${section}<aspNetCore`]))).toEqual([])
})

test('an application that a provider starts with its worker needs no preload', async () => {
  const started = planted(
    node,
    [
      'applicationPool="SHOP" preloadEnabled="true"',
      'applicationPool="SHOP" serviceAutoStartEnabled="true" serviceAutoStartProvider="Warm"',
    ],
    [
      '<webLimits />',
      '<serviceAutoStartProviders><add name="Warm" type="Shop.Warm, Shop" /></serviceAutoStartProviders>',
    ],
  )
  expect(await found(started)).toEqual([])
  expect(await found(planted(started, ['<add name="Warm" type', '<add name="Other" type']))).toEqual([
    'configuration-doubtful configuration',
    'always-running-without-preload application "Shop/"',
  ])
})

test.for(balancerFaults)('on a balancer %s is found, and nothing else', async ([, changes, expected]) => {
  expect(await found(planted(balancer, ...changes))).toEqual(expected)
})

test('how long a node may take to start is taken from its own file when that is given', async () => {
  const patient = planted(balancer, ['timeout="00:02:00"', 'timeout="00:01:35"'])
  expect(await found(patient, node)).toEqual([])
  const slow = planted(node, ['startupTimeLimit="60"', 'startupTimeLimit="300"'])
  expect(await found(patient, slow)).toEqual([
    'arr-timeout-below-start web farm "intranet"',
    'arr-timeout-below-start web farm "shop"',
  ])
})

test('a pool that recycles on two nodes in the same minute leaves no node to take over', async () => {
  expect(await found(node, node)).toEqual([
    'recycle-same-minute-on-nodes pool "intranet"',
    'recycle-same-minute-on-nodes pool "shop"',
  ])
})

test('a shared configuration is reported, so that no time is spent on the wrong file', async () => {
  const machine = await machineOf(node, {
    'redirection.config':
      '<configuration><configurationRedirection enabled="true" path="\\\\fs\\iis" /></configuration>',
  })
  expect(audit([machine]).map(({ rule }) => rule.id)).toEqual(['shared-configuration'])
})

const tlsNode = planted(node, [
  'bindingInformation="10.0.0.11:443:intranet.example.org" sslFlags="1"',
  'bindingInformation="*:443:shop.example.com" sslFlags="1"',
])

test('nodes that want SNI get it only for the names of the servers', async () => {
  expect(await found(balancer, tlsNode)).toEqual(['arr-sni-mismatch site "Intranet"'])
  expect(
    await found(
      planted(balancer, ['<server address="10.0.1.11" />', '<server address="shop.example.com" />']),
      tlsNode,
    ),
  ).toEqual([])
  expect(await found(balancer, planted(tlsNode, ['sslFlags="1"', 'sslFlags="0"']))).toEqual([])
  expect(await found(tlsNode)).toEqual([])
})

const blueGreen = planted(
  balancer,
  [
    '<server address="10.0.1.11" />',
    '<server address="127.0.0.1"><applicationRequestRouting httpsPort="8001" /></server>',
  ],
  [
    '<applicationDefaults applicationPool',
    '<site name="Blue"><application path="/" applicationPool="blue" preloadEnabled="true" /><bindings><binding protocol="https" bindingInformation="*:8001:" /></bindings></site><applicationDefaults applicationPool',
  ],
  [
    '</applicationPools>',
    '<add name="blue" startMode="AlwaysRunning"><processModel idleTimeout="00:00:00" /><recycling><periodicRestart time="00:00:00" /></recycling></add></applicationPools>',
  ],
)

test('a site that is a server of a farm of the same machine is examined as a node, and the others as ARR', async () => {
  expect(await found(blueGreen)).toEqual([])
  expect(
    await found(
      planted(
        blueGreen,
        [
          '<add name="blue" startMode="AlwaysRunning"><processModel idleTimeout="00:00:00" />',
          '<add name="blue">',
        ],
        [
          '<add name="arr" managedRuntimeVersion="" startMode="AlwaysRunning">\n                <processModel idleTimeout="00:00:00" />',
          '<add name="arr">',
        ],
      ),
    ),
  ).toEqual([
    'preload-without-always-running pool "blue"',
    'idle-timeout-terminates pool "blue"',
    'arr-pool-idles pool "arr"',
  ])
})

test('a site with a host of its own beside ARR, which no rule takes, is a node', async () => {
  const beside = planted(
    balancer,
    [
      '<applicationDefaults applicationPool',
      '<site name="Own"><application path="/" applicationPool="own" /><bindings><binding protocol="http" bindingInformation="*:80:own.example.org" /></bindings></site><applicationDefaults applicationPool',
    ],
    [
      '</applicationPools>',
      '<add name="own"><processModel idleTimeout="00:00:00" /><recycling><periodicRestart time="00:00:00" /></recycling></add></applicationPools>',
    ],
  )
  const [finding] = audit([await machineOf(beside)])
  expect(finding).toMatchObject({
    rule: { id: 'pool-on-demand' },
    subject: 'pool "own"',
    mend: {
      note: expect.stringContaining('Microsoft advises against Application Initialization beside ARR'),
    },
  })
})

test('a rule in the web.config of a site is known as one of the server', async () => {
  const text = planted(balancer, ['url="https://shop/{R:0}"', 'url="https://nowhere.example.org/{R:0}"'])
  const rule =
    '<configuration><system.webServer><rewrite><rules><rule name="r"><action type="Rewrite" url="https://shop/{R:0}" /></rule></rules></rewrite></system.webServer></configuration>'
  for (const name of ['web.config', 'Web.config']) {
    const { routes } = await machineOf(text, { [`Gateway/${name}`]: rule })
    expect(
      routes.map(({ farm, scheme, where }) => [farm, scheme, where.location, where.inServerFile]),
    ).toEqual([
      ['intranet', 'http', '', true],
      ['nowhere.example.org', 'https', '', true],
      ['shop', 'https', 'Gateway', false],
    ])
  }
})

test('an application below one of ASP.NET Core does not get its settings where they are kept from it', async () => {
  const apps =
    '<site name="S"><application path="/" applicationPool="p" preloadEnabled="true" /><application path="/old" applicationPool="p" preloadEnabled="true" />' +
    '<bindings><binding protocol="http" bindingInformation="*:80:" /></bindings></site>'
  const pool =
    '<add name="p" startMode="AlwaysRunning"><processModel idleTimeout="00:00:00" /><recycling><periodicRestart time="00:00:00" /></recycling></add>'
  const core =
    '<system.webServer><aspNetCore hostingModel="inprocess" startupTimeLimit="5" /></system.webServer>'
  const rulesWith = async (webConfig: string) =>
    audit([
      await machineOf(configuration(pool, apps), {
        'S/web.config': `<configuration>${webConfig}</configuration>`,
      }),
    ])
  const kept = await rulesWith(`<location path="." inheritInChildApplications="false">${core}</location>`)
  expect(kept.map(({ rule, things }) => [rule.id, things.length])).toEqual([
    ['ancm-startup-limit-short', 1],
    ['ancm-shutdown-delay', 1],
    ['tracing-off', 1],
  ])
  const inherited = await rulesWith(core)
  expect(inherited.map(({ rule, things, mend }) => [rule.id, things.length, mend.appcmd.length])).toEqual([
    ['ancm-startup-limit-short', 2, 1],
    ['ancm-in-process-shared', 1, 2],
    ['ancm-shutdown-delay', 2, 1],
    ['tracing-off', 1, 6],
  ])
})

test('the file of IIS Express is told as that, and only what it knows is examined, by its own tool', async () => {
  const express = planted(
    node,
    ['%windir%\\System32\\inetsrv\\loghttp.dll', '%IIS_BIN%\\loghttp.dll'],
    ['startMode="AlwaysRunning"', ''],
    ['applicationPool="SHOP"', 'applicationPool="none"'],
  )
  const findings = audit([await machineOf(express)])
  expect(findings.map(({ rule, mend }) => [rule.id, mend.appcmd, mend.powershell])).toEqual([
    [
      'pool-missing',
      [
        '"%ProgramFiles%\\IIS Express\\appcmd.exe" set app "Shop/" "/applicationPool:shop" "/apphostconfig:host.config"',
      ],
      [],
    ],
    ['iis-express', [], []],
  ])
})

test.for([
  [
    'appcmd list apppool /config /xml',
    '<appcmd><APPPOOL APPPOOL.NAME="shop" state="Started"><add name="shop" /></APPPOOL></appcmd>',
  ],
  ['a section', '<applicationPools><add name="shop" /></applicationPools>'],
  [
    'sections',
    '<system.applicationHost><applicationPools><add name="shop" /></applicationPools></system.applicationHost>',
  ],
])('a part of a configuration is audited: %s', async ([, text]) => {
  expect(await found(text ?? '')).toEqual([
    'pool-on-demand pool "shop"',
    'idle-timeout-terminates pool "shop"',
    'recycle-drifts pool "shop"',
  ])
})

test('each node has its own minute even when it is audited alone', async () => {
  const drifting = configuration(
    '<add name="p" />',
    '<site name="S"><application path="/" applicationPool="p" /><bindings><binding protocol="http" bindingInformation="*:80:" /></bindings></site>',
  )
  const minutes = []
  for (const file of ['web01.config', 'web02.config', 'web03/applicationHost.config']) {
    const [finding] = audit([await machineOf(drifting, {}, file)]).filter(
      ({ rule }) => rule.id === 'recycle-drifts',
    )
    minutes.push(/\d\d:\d\d:00(?='\]"$)/.exec(finding?.mend.appcmd.at(-1) ?? '')?.[0])
    expect(finding?.mend.note).toMatch(/^take another minute on each node/)
  }
  expect(minutes).toEqual(['03:10:00', '03:20:00', '03:30:00'])
})

test('the worst comes first, and the place is that of the attribute that is wrong', async () => {
  const text = planted(
    node,
    ['idleTimeout="00:00:00"', 'idleTimeout="00:05:00"'],
    ['<environmentVariables>', '<failure rapidFailProtection="false" /><environmentVariables>'],
  )
  const findings = audit([await machineOf(text)])
  expect(findings.map(({ rule, place }) => `${rule.severity} ${rule.id} ${placeText(place)}`)).toEqual([
    'error idle-timeout-terminates host.config:21:134',
    'note rapid-fail-off host.config:39:26',
  ])
})
