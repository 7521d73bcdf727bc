/** Configurations with one fault each, planted in those that follow every advice. */
import { fixture } from './iis_files.ts'

/** What is planted, and exactly what is found then. */
export type Fault = readonly [
  what: string,
  changes: readonly (readonly [from: string, to: string])[],
  found: readonly string[],
]

export const [goodNode, goodBalancer] = [fixture('node'), fixture('balancer')]

const intranetPool = 'startMode="AlwaysRunning" autoStart="true"'
const shopIdle = '<processModel idleTimeout="00:00:00" />'
const shopFailure = (attributes: string) => [shopIdle, `${shopIdle}<failure ${attributes} />`] as const
const [, traceRules = ''] = /<traceFailedRequests>(.*)<\/traceFailedRequests>/s.exec(goodNode) ?? []
const shopTimes = 'value="03:20:00"'

export const nodeFaults: readonly Fault[] = [
  [
    'a pool that starts on demand',
    [
      ['managedRuntimeVersion="" startMode="AlwaysRunning"', ''],
      ['applicationPool="SHOP" preloadEnabled="true"', 'applicationPool="SHOP"'],
    ],
    ['pool-on-demand pool "shop"'],
  ],
  ['preload without AlwaysRunning', [[intranetPool, '']], ['preload-without-always-running pool "intranet"']],
  [
    'AlwaysRunning without preload',
    [['applicationPool="SHOP" preloadEnabled="true"', 'applicationPool="SHOP"']],
    ['always-running-without-preload application "Shop/"'],
  ],
  [
    'both without Application Initialization',
    [['<add name="ApplicationInitializationModule" image="%windir%\\System32\\inetsrv\\warmup.dll" />', '']],
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
    [['doAppInitAfterRestart="true"', 'doAppInitAfterRestart="true" remapManagedRequestsTo="starting.htm"']],
    ['initialization-splash application "Intranet/"', 'initialization-splash application "Intranet/reports"'],
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
      ['a pool that runs as a user', 'identityType="SpecificUser" userName="D\\u"', 'identity-with-password'],
      ['a short start limit', 'startupTimeLimit="00:00:05"', 'startup-limit-short'],
      ['a short shutdown limit', 'shutdownTimeLimit="00:00:01"', 'shutdown-limit-short'],
      ['a short ping limit', 'pingResponseTime="00:00:02"', 'ping-limit-short'],
    ] as const
  ).map(
    ([what, attributes, rule]) =>
      [what, [[shopIdle, shopIdle.replace('/>', `${attributes} />`)]], [`${rule} pool "shop"`]] as const,
  ),
  [
    'a CPU limit that ends the worker',
    [[shopIdle, `${shopIdle}<cpu limit="50000" action="KillW3wp" />`]],
    ['cpu-kills-worker pool "shop"'],
  ],
  [
    'recycles that are not logged',
    [['<recycling>', '<recycling logEventOnRecycle="Time, Memory">']],
    ['recycles-not-logged pool "shop"'],
  ],
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
      ['a site without tracing', '<traceFailedRequestsLogging enabled="false" />', 'tracing-off'],
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
    'tracing without a rule',
    [[traceRules, '']],
    ['tracing-without-rules site "Intranet"', 'tracing-without-rules site "Shop"'],
  ],
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

const arrPool = '<processModel idleTimeout="00:00:00" />'

export const balancerFaults: readonly Fault[] = [
  [
    'a site of ARR without a log and without traces',
    [
      [
        '<site name="Gateway" id="1">',
        '<site name="Gateway" id="1"><logFile enabled="false" /><traceFailedRequestsLogging enabled="false" />',
      ],
    ],
    ['log-off site "Gateway"', 'tracing-off site "Gateway"'],
  ],
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
        '<protocol timeout="00:02:00">',
        '<protocol timeout="00:02:00" keepAlive="false">',
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
