import { expect, test } from 'vitest'
import { audit, rules } from '../../../src/iis/audit/rules.ts'
import { placeText } from '../../../src/model/place.ts'
import { configuration, fixture, machineOf, planted } from '../../support/files/iis_files.ts'

const [node, balancer] = [fixture('node'), fixture('balancer')]

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

const intranetPool = 'startMode="AlwaysRunning" autoStart="true"'
const shopIdle = '<processModel idleTimeout="00:00:00" />'
const shopFailure = (attributes: string) => [shopIdle, `${shopIdle}<failure ${attributes} />`] as const
const shopTimes = 'value="03:20:00"'

/** What is planted in the good node, and exactly what is found then. */
const nodeFaults: readonly (readonly [string, readonly (readonly [string, string])[], readonly string[]])[] =
  [
    [
      'a pool that starts on demand',
      [
        ['managedRuntimeVersion="" startMode="AlwaysRunning"', ''],
        ['applicationPool="SHOP" preloadEnabled="true"', 'applicationPool="SHOP"'],
      ],
      ['pool-on-demand pool "shop"'],
    ],
    [
      'preload without AlwaysRunning',
      [[intranetPool, '']],
      ['preload-without-always-running pool "intranet"'],
    ],
    [
      'AlwaysRunning without preload',
      [['applicationPool="SHOP" preloadEnabled="true"', 'applicationPool="SHOP"']],
      ['always-running-without-preload application "Shop/"'],
    ],
    [
      'both without Application Initialization',
      [
        [
          '<add name="ApplicationInitializationModule" image="%windir%\\System32\\inetsrv\\warmup.dll" />',
          '',
        ],
      ],
      ['application-initialization-missing globalModules'],
    ],
    [
      'a redirect to HTTPS by a rewrite rule',
      [['<add input="{WARMUP_REQUEST}" pattern="1" negate="true" />', '']],
      [
        'initialization-page-redirects application "Intranet/"',
        'initialization-page-redirects application "Intranet/reports"',
      ],
    ],
    [
      'a redirect to HTTPS by httpRedirect',
      [['<aspNetCore', '<httpRedirect enabled="true" destination="https://shop.example.org" /><aspNetCore']],
      ['initialization-page-redirects application "Shop/"'],
    ],
    [
      'a redirect to HTTPS by HSTS',
      [
        [
          '<site name="Shop" id="2">',
          '<site name="Shop" id="2"><hsts enabled="true" redirectHttpToHttps="true" />',
        ],
      ],
      ['initialization-page-redirects application "Shop/"'],
    ],
    [
      'a site that wants TLS',
      [['<aspNetCore', '<security><access sslFlags="Ssl, SslNegotiateCert" /></security><aspNetCore']],
      ['initialization-page-redirects application "Shop/"'],
    ],
    [
      'authentication before the application',
      [
        [
          '<aspNetCore',
          '<security><authentication><anonymousAuthentication enabled="false" /><windowsAuthentication enabled="true" /></authentication></security><aspNetCore',
        ],
      ],
      ['initialization-page-refused application "Shop/"'],
    ],
    [
      'a list of addresses without the machine itself',
      [
        [
          '<aspNetCore',
          '<security><ipSecurity allowUnlisted="false"><add ipAddress="10.0.0.5" allowed="true" /></ipSecurity></security><aspNetCore',
        ],
      ],
      ['initialization-page-refused application "Shop/"'],
    ],
    [
      'a static warm-up page',
      [['initializationPage="/warmup"', 'initializationPage="/healthCheck.txt"']],
      [
        'initialization-page-static application "Intranet/"',
        'initialization-page-static application "Intranet/reports"',
      ],
    ],
    [
      'no warm-up after a restart of the application',
      [['doAppInitAfterRestart="true"', '']],
      [
        'initialization-not-after-restart application "Intranet/"',
        'initialization-not-after-restart application "Intranet/reports"',
      ],
    ],
    [
      'a splash page',
      [
        [
          'doAppInitAfterRestart="true"',
          'doAppInitAfterRestart="true" remapManagedRequestsTo="starting.htm"',
        ],
      ],
      [
        'initialization-splash application "Intranet/"',
        'initialization-splash application "Intranet/reports"',
      ],
    ],
    ['the idle time-out of the schema', [[shopIdle, '']], ['idle-timeout-terminates pool "shop"']],
    [
      'an idle time-out that suspends',
      [[shopIdle, '<processModel idleTimeout="00:20:00" idleTimeoutAction="Suspend" />']],
      ['idle-timeout-suspends pool "shop"'],
    ],
    [
      'an idle time-out in the defaults of the server',
      [
        [shopIdle, ''],
        ['loadUserProfile="true"', 'idleTimeout="00:10:00"'],
      ],
      ['idle-timeout-terminates pool "shop"'],
    ],
    [
      'the 29 hours of the schema',
      [
        [
          '<periodicRestart time="00:00:00">\n                        <schedule>\n                            <add value="03:20:00" />',
          '<periodicRestart>\n                        <schedule>',
        ],
      ],
      ['recycle-drifts pool "shop"'],
    ],
    ['two pools at the same minute', [[shopTimes, 'value="03:00:00"']], ['recycle-same-minute pool "shop"']],
    [
      'a schedule in the defaults that both pools follow',
      [
        [
          '<schedule>\n                            <add value="03:20:00" />\n                        </schedule>',
          '',
        ],
        [
          '<schedule>\n                            <add value="03:00:00" />\n                        </schedule>',
          '',
        ],
        [
          '<applicationPoolDefaults managedRuntimeVersion="v4.0">',
          '<applicationPoolDefaults><recycling><periodicRestart><schedule><add value="05:00:00" /></schedule></periodicRestart></recycling>',
        ],
      ],
      ['recycle-same-minute pool "shop"'],
    ],
    [
      'a recycle after a handful of requests',
      [['<periodicRestart time="00:00:00">', '<periodicRestart time="00:00:00" requests="500">']],
      ['recycle-by-requests pool "intranet"', 'recycle-by-requests pool "shop"'],
    ],
    [
      'tiny memory limits',
      [
        [
          '<periodicRestart time="00:00:00">',
          '<periodicRestart time="00:00:00" memory="512000" privateMemory="100000">',
        ],
      ],
      [
        'recycle-by-tiny-memory pool "intranet"',
        'recycle-by-tiny-memory pool "intranet"',
        'recycle-by-tiny-memory pool "shop"',
        'recycle-by-tiny-memory pool "shop"',
      ],
    ],
    [
      'a recycle that does not overlap',
      [['<recycling logEventOnRecycle', '<recycling disallowOverlappingRotation="true" logEventOnRecycle']],
      ['recycle-not-overlapped pool "intranet"'],
    ],
    ['rapid fail switched off', [shopFailure('rapidFailProtection="false"')], ['rapid-fail-off pool "shop"']],
    [
      'rapid fail after one crash',
      [shopFailure('rapidFailProtectionMaxCrashes="1"')],
      ['rapid-fail-hair-trigger pool "shop"'],
    ],
    [
      'capabilities of TCP level',
      [shopFailure('loadBalancerCapabilities="TcpLevel"')],
      ['tcp-level-capabilities pool "shop"'],
    ],
    [
      'a pool of two sites',
      [['applicationPool="SHOP"', 'applicationPool="intranet"']],
      ['pool-shared pool "intranet"'],
    ],
    [
      'a pool that is not there',
      [['applicationPool="SHOP"', 'applicationPool="shop2"']],
      ['pool-missing application "Shop/"'],
    ],
    [
      'a pool that does not start',
      [['autoStart="true"', 'autoStart="false"']],
      ['pool-not-started pool "intranet"'],
    ],
    [
      'a web garden',
      [[shopIdle, '<processModel idleTimeout="00:00:00" maxProcesses="4" />']],
      ['web-garden pool "shop"'],
    ],
    ...(
      [
        ['a CPU limit that ends the worker', '<cpu limit="50000" action="KillW3wp" />', 'cpu-kills-worker'],
        [
          'a pool that runs as a user',
          '<processModel identityType="SpecificUser" userName="D\\u" />',
          'identity-with-password',
        ],
        ['a short start limit', '<processModel startupTimeLimit="00:00:05" />', 'startup-limit-short'],
        ['a short shutdown limit', '<processModel shutdownTimeLimit="00:00:01" />', 'shutdown-limit-short'],
        ['a short ping limit', '<processModel pingResponseTime="00:00:02" />', 'ping-limit-short'],
        [
          'recycles that are not logged',
          '<recycling logEventOnRecycle="Time, Memory" />',
          'recycles-not-logged',
        ],
      ] as const
    ).map(
      ([what, inside, rule]) =>
        [what, [[shopIdle, `${shopIdle}${inside}`]], [`${rule} pool "shop"`]] as const,
    ),
    ...(
      [
        ['a short keep-alive', '<limits connectionTimeout="00:00:30" />', 'keep-alive-short'],
        ['a site without a log', '<logFile enabled="false" />', 'log-off'],
        [
          'a log without the time taken',
          '<logFile logExtFileFlags="Date, Time, Method, UriStem, UriQuery, HttpStatus, HttpSubStatus, Win32Status" />',
          'log-lacks-fields',
        ],
        ['a log of another format', '<logFile logFormat="NCSA" />', 'log-lacks-fields'],
        ['tracing without a rule', '<traceFailedRequestsLogging enabled="true" />', 'tracing-without-rules'],
      ] as const
    ).map(
      ([what, inside, rule]) =>
        [
          what,
          [['<site name="Shop" id="2">', `<site name="Shop" id="2">${inside}`]],
          [`${rule} site "Shop"`],
        ] as const,
    ),
    [
      'a short start of ASP.NET Core',
      [['startupTimeLimit="60"', 'startupTimeLimit="5"']],
      ['ancm-startup-limit-short application "Shop/"'],
    ],
    [
      'a short request of ASP.NET Core',
      [['startupTimeLimit="60"', 'requestTimeout="00:00:20"']],
      ['ancm-request-limit-short application "Shop/"'],
    ],
    [
      'an in-process application that stops at once',
      [['startupTimeLimit="60"', 'hostingModel="inprocess"']],
      ['ancm-shutdown-delay application "Shop/"'],
    ],
    [
      'two ASP.NET Core applications in one process',
      [
        [
          'applicationPool="SHOP" preloadEnabled="true">',
          'applicationPool="SHOP" preloadEnabled="true"><virtualDirectory path="/" physicalPath="D:\\shop" /></application><application path="/api" applicationPool="shop" preloadEnabled="true">',
        ],
        [
          'startupTimeLimit="60" />',
          'hostingModel="inprocess"><handlerSettings><handlerSetting name="shutdownDelay" value="5000" /></handlerSettings></aspNetCore>',
        ],
      ],
      ['ancm-in-process-shared pool "shop"'],
    ],
    [
      'a value that is none',
      [['managedRuntimeVersion="" startMode', 'queueLength="many" startMode']],
      ['configuration-doubtful configuration'],
    ],
  ]

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

const arrPool = '<processModel idleTimeout="00:00:00" />'

const balancerFaults: typeof nodeFaults = [
  [
    'a time-out shorter than a start',
    [['<protocol timeout="00:02:00" reverse', '<protocol reverse']],
    ['arr-timeout-below-start web farm "intranet"'],
  ],
  [
    'a health check that asks for a file',
    [['url="http://shop/health"', 'url="http://shop/healthCheck.txt"']],
    ['arr-health-static web farm "shop"'],
  ],
  [
    'a health check that takes any page',
    [['responseMatch="OK"', '']],
    ['arr-health-no-match web farm "shop"'],
  ],
  ['no health check', [['url="http://shop/health"', '']], ['arr-health-missing web farm "shop"']],
  ['minServers 0', [['minServers="2"', '']], ['arr-min-servers-zero web farm "shop"']],
  [
    'a cache',
    [['<cache enabled="false" queryStringHandling', '<cache queryStringHandling']],
    ['arr-cache web farm "shop"'],
  ],
  ['a pool of ARR that idles', [[arrPool, '']], ['arr-pool-idles pool "arr"']],
  [
    'a pool of ARR that recycles',
    [['<periodicRestart time="00:00:00" />', '']],
    ['arr-pool-recycles pool "arr"'],
  ],
  [
    'a pool of ARR that recycles on a schedule',
    [
      [
        '<periodicRestart time="00:00:00" />',
        '<periodicRestart time="00:00:00"><schedule><add value="01:00:00" /></schedule></periodicRestart>',
      ],
    ],
    ['arr-pool-recycles pool "arr"'],
  ],
  [
    'preload beside ARR',
    [
      [
        '<application path="/" applicationPool="arr">',
        '<application path="/" applicationPool="arr" preloadEnabled="true">',
      ],
    ],
    ['preload-on-balancer application "Gateway/"'],
  ],
  ...(
    [
      ['minServers as many as there are servers', 'minServers="2"', 'minServers="4"', 'arr-min-servers-all'],
      [
        'a health check that comes late',
        'url="http://shop/health"',
        'url="http://shop/health" interval="00:10:00"',
        'arr-health-slow',
      ],
      [
        'a health check that takes errors',
        'statusCodeMatch="200,204"',
        'statusCodeMatch="200-599"',
        'arr-health-accepts-errors',
      ],
      [
        'a health check that takes all above',
        'statusCodeMatch="200,204"',
        'statusCodeMatch="200-"',
        'arr-health-accepts-errors',
      ],
      [
        'connections for one request each',
        '<cache enabled="false" queryString',
        '</protocol><protocol keepAlive="false"><cache enabled="false" queryString',
        'arr-keep-alive-off',
      ],
      [
        'an algorithm of the past',
        '<healthCheck url="http://shop',
        '<loadBalancing algorithm="LeastRequests" /><healthCheck url="http://shop',
        'arr-algorithm-unsupported',
      ],
    ] as const
  ).map(([what, from, to, rule]) => [what, [[from, to]], [`${rule} web farm "shop"`]] as const),
  [
    'a farm with one enabled server',
    [
      ['.12" />', '.12" enabled="false" />'],
      ['.13" />', '.13" enabled="false" />'],
      ['<server address="10.0.1.14" />', ''],
      ['minServers="2"', 'minServers="1"'],
    ],
    ['arr-single-server web farm "shop"'],
  ],
  [
    'a rule to a farm that is disabled',
    [['<webFarm name="shop">', '<webFarm name="shop" enabled="false">']],
    ['route-to-disabled-farm rewrite rule "shop"'],
  ],
  [
    'a rule that nearly names a farm',
    [['url="https://shop/{R:0}"', 'url="https://shoq/{R:0}"']],
    ['route-misspelt rewrite rule "shop"'],
  ],
  [
    'a farm whose rule is disabled',
    [['<rule name="shop"', '<rule name="shop" enabled="false"']],
    ['route-disabled rewrite rule "shop"'],
  ],
  [
    'a rule to another server while the proxy is off',
    [
      ['url="https://shop/{R:0}"', 'url="http://10.0.9.1:8080/{R:0}"'],
      ['<proxy enabled="true"', '<proxy enabled="false"'],
    ],
    ['proxy-off rewrite rule "shop"'],
  ],
  [
    'a proxy that gives up early',
    [
      ['url="https://shop/{R:0}"', 'url="http://10.0.9.1:8080/{R:0}"'],
      ['<proxy enabled="true" timeout="00:02:00"', '<proxy enabled="true" timeout="00:00:15"'],
    ],
    ["arr-timeout-below-start ARR's proxy"],
  ],
  [
    'ARR in two pools',
    [
      [
        '<applicationDefaults applicationPool',
        '<site name="Two"><application path="/" applicationPool="arr2" /><bindings><binding protocol="http" bindingInformation="*:81:" /></bindings></site><applicationDefaults applicationPool',
      ],
      [
        '</applicationPools>',
        '<add name="arr2"><processModel idleTimeout="00:00:00" /><recycling><periodicRestart time="00:00:00" /></recycling></add></applicationPools>',
      ],
    ],
    ['arr-several-workers pool "arr"'],
  ],
  [
    'a port where ARR knows none',
    [['<server address="10.0.1.11" />', '<server address="10.0.1.11" port="81" />']],
    ['configuration-doubtful configuration'],
  ],
]

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
  ])
  const inherited = await rulesWith(core)
  expect(inherited.map(({ rule, things, mend }) => [rule.id, things.length, mend.appcmd.length])).toEqual([
    ['ancm-startup-limit-short', 2, 1],
    ['ancm-in-process-shared', 1, 2],
    ['ancm-shutdown-delay', 2, 1],
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
        '"%ProgramFiles%\\IIS Express\\appcmd.exe" set app "Shop/" "/applicationPool:DefaultAppPool" "/apphostconfig:host.config"',
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

test('every rule is planted somewhere above, or in the tests of differences', () => {
  const planted = [...nodeFaults, ...balancerFaults].flatMap(([, , expected]) =>
    expected.map((line) => line.split(' ')[0]),
  )
  const others = [
    'nodes-differ',
    'recycle-same-minute-on-nodes',
    'shared-configuration',
    'arr-sni-mismatch',
    'iis-express',
  ]
  expect(new Set(rules.map(({ id }) => id))).toEqual(new Set([...planted, ...others]))
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
