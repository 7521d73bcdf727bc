/**
 * The elements and attributes that IIS, ARR, URL Rewrite and the ASP.NET Core Module know, as far as the audit reads
 * them: names with their case, the words they take, and the ranges of numbers and times.
 */

/**
 * The kind of an attribute's value: '' for any text, `bool`, `uint`, a range such as `10-65535`, words such as `A|B`
 * (`+A|B` where several may be named), `time`, or a range of seconds with their granularity such as `0s-86399s/60`.
 */
export type ValueKind = string

export interface ElementSchema {
  readonly attributes: ReadonlyMap<string, ValueKind>
  readonly children: Children
  /** Holds sections that are not listed here. */
  readonly open?: true
}

type Children = Readonly<Record<string, ElementSchema>>

/** `attributes` is a list of `name` and `name:kind`. */
const element = (attributes: string, children: Children = {}): ElementSchema => ({
  attributes: new Map(
    attributes
      .split(/\s+/)
      .filter((each) => each !== '')
      .map((each) => {
        const [, name = each, kind = ''] = /^([^:]+):(.*)$/.exec(each) ?? []
        return [name, kind] as const
      }),
  ),
  children,
})

const open = (children: Children): ElementSchema => ({ attributes: new Map(), children, open: true })

const anyTime = '1s-4294967s/1'

const pool = element(
  `name queueLength:10-65535 autoStart:bool enable32BitAppOnWin64:bool enableEmulationOnWinArm64:bool
  managedRuntimeVersion managedRuntimeLoader enableConfigurationOverride:bool
  managedPipelineMode:Integrated|Classic CLRConfigFile passAnonymousToken:bool startMode:OnDemand|AlwaysRunning`,
  {
    processModel: element(
      `identityType:LocalSystem|LocalService|NetworkService|SpecificUser|ApplicationPoolIdentity userName password
      loadUserProfile:bool setProfileEnvironment:bool logonType:LogonBatch|LogonService manualGroupMembership:bool
      idleTimeout:0s-2592000s/60 idleTimeoutAction:Terminate|Suspend maxProcesses:0-2147483647
      shutdownTimeLimit:${anyTime} startupTimeLimit:${anyTime} pingingEnabled:bool pingInterval:${anyTime}
      pingResponseTime:${anyTime} logEventOnProcessModel:+IdleTimeout requestQueueDelegatorIdentity`,
    ),
    recycling: element(
      `disallowOverlappingRotation:bool disallowRotationOnConfigChange:bool
      logEventOnRecycle:+Time|Requests|Schedule|Memory|IsapiUnhealthy|OnDemand|ConfigChange|PrivateMemory`,
      {
        periodicRestart: element('memory:uint privateMemory:uint requests:uint time:0s-25920000s/60', {
          schedule: element('', { add: element('value:0s-86399s/60') }),
        }),
      },
    ),
    failure: element(
      `loadBalancerCapabilities:TcpLevel|HttpLevel orphanWorkerProcess:bool orphanActionExe orphanActionParams
      rapidFailProtection:bool rapidFailProtectionInterval:60s-8640000s/60
      rapidFailProtectionMaxCrashes:1-2147483647 autoShutdownExe autoShutdownParams`,
    ),
    cpu: element(
      `limit:0-100000 action:NoAction|KillW3wp|Throttle|ThrottleUnderLoad resetInterval:0s-86400s/60
      smpAffinitized:bool smpProcessorAffinityMask:uint smpProcessorAffinityMask2:uint processorGroup:uint
      numaNodeAssignment:MostAvailableMemory|WindowsScheduling numaNodeAffinityMode:Soft|Hard`,
    ),
    environmentVariables: element('', { add: element('name value') }),
  },
)

const folderDefaults = element(
  'path physicalPath userName password logonMethod:Interactive|Batch|Network|ClearText allowSubDirConfig:bool',
)

/** One site's defaults know all that an application does; those of all sites do not. */
const application =
  'path applicationPool enabledProtocols serviceAutoStartEnabled:bool serviceAutoStartProvider preloadEnabled:bool'

const siteParts: Children = {
  bindings: element('', { binding: element('protocol bindingInformation sslFlags:uint') }),
  limits: element(
    'maxBandwidth:uint maxConnections:uint connectionTimeout:0s-65535s/1 maxUrlSegments:0-16383',
  ),
  logFile: element(
    `logExtFileFlags:+Date|Time|ClientIP|UserName|SiteName|ComputerName|ServerIP|Method|UriStem|UriQuery|HttpStatus|Win32Status|BytesSent|BytesRecv|TimeTaken|ServerPort|UserAgent|Cookie|Referer|ProtocolVersion|Host|HttpSubStatus
    customLogPluginClsid logFormat:IIS|NCSA|W3C|Custom logTargetW3C:+File|ETW directory
    period:MaxSize|Daily|Weekly|Monthly|Hourly truncateSize:1048576-4294967295 localTimeRollover:bool enabled:bool
    logSiteId:bool flushByEntryCountW3CLog:uint maxLogLineLength:2-65536`,
    {
      customFields: element('maxCustomFieldLength:2-65536', {
        add: element('logFieldName sourceName sourceType:RequestHeader|ResponseHeader|ServerVariable'),
      }),
    },
  ),
  traceFailedRequestsLogging: element(
    'enabled:bool directory maxLogFiles:1-10000 maxLogFileSizeKB:0-1048576 customActionsEnabled:bool',
  ),
  hsts: element('enabled:bool max-age:uint includeSubDomains:bool preload:bool redirectHttpToHttps:bool'),
}

const site = 'name id:uint serverAutoStart:bool'

const sites = element('', {
  site: element(site, {
    ...siteParts,
    applicationDefaults: element(application),
    virtualDirectoryDefaults: folderDefaults,
    application: element(application, {
      virtualDirectory: folderDefaults,
      virtualDirectoryDefaults: folderDefaults,
    }),
  }),
  siteDefaults: element(site, siteParts),
  applicationDefaults: element('path applicationPool enabledProtocols'),
  virtualDirectoryDefaults: folderDefaults,
})

const proxying = `httpVersion:Http10|Http11|PassThrough keepAlive:bool timeout:1s-86400s/1 preserveHostHeader:bool
  reverseRewriteHostInResponseHeaders:bool xForwardedByHeaderName xForwardedByHeader xForwardedForHeaderName
  includePortInXForwardedFor:bool arrResponseHeader:bool sslHeaderName clientCertHeaderName logGuidName
  logCacheHitName maxForwards:uint minResponseBuffer:0-4194303 responseBufferLimit:0-4194303
  maxResponseHeaderSize:uint proxy proxyBypass stealthMode:bool clientCertFileName clientCertPassword clientCertHash
  bufferChunkedResponses:bool`

const cache = element(
  `enabled:bool requestConsolidationEnabled:bool requestConsolidationTimeout:time
  queryStringHandling:Ignore|NoCaching|Accept validationInterval:0s-86400s/1`,
)

const passing = 'passConnectionCloseHeader:bool passServerHeader:Replace|Remove|PassThrough'

const webFarms = element('onDemandHealthCheck:bool', {
  applicationRequestRouting: open({}),
  webFarm: element(
    `name enabled:bool serverAutoStart:bool ${passing} autoEnableAgent:bool adminUserName adminPassword
    minimumServers agentUrl restartServerOnConfigurationChange:bool restartServerIfReady:bool primaryServer
    loadBalancerProvider periodicRuntimeData:time enableRuntimeData:bool maximumStoppedServers agentRetryTime:time
    frontEndUrl`,
    {
      server: element('address enabled:bool', {
        applicationRequestRouting: element(
          `hostName weight:1-4294967295 httpPort:1-65535 httpsPort:1-65535 healthCheckAlternateHostName
          healthCheckAlternatePort:0-65535`,
        ),
      }),
      applicationRequestRouting: element('', {
        protocol: element(`${proxying} alternateHostName`, { cache }),
        healthCheck: element(
          `url retries:0-20 interval:0s-86400s/1 timeout:1s-86400s/1 statusCodeMatch responseMatch
          liveTrafficFailureCodes maxLiveTrafficFailures:1-4294967295 liveTrafficFailurePeriod:0s-86400s/1
          minServers:uint`,
        ),
        affinity: element(
          `useCookie:bool cookieName useHostName:bool hostCountersEnabled:bool useServerProvider:bool
          timeout:60s-2592000s/60 useExternalCache:bool ignoreSubDomain:bool ignoreSubDomainClientAffinity:bool
          ignoreSubDomainFragmentDepth:0-32767 hostAffinityProvider serverProviderImage`,
          { host: open({}) },
        ),
        loadBalancing: element(
          `algorithm:WeightedRoundRobin|RequestHash|LeastRequests|LeastResponseTime|WeightedTotalTraffic
          leastResponseTimePeriod:1s-86400s/1 hashServerVariable queryStringNames randomizeLBTies:bool`,
        ),
        publicKeys: open({}),
      }),
    },
  ),
})

const rules = element('', {
  rule: element('name enabled:bool patternSyntax:ECMAScript|Wildcard|ExactMatch stopProcessing:bool', {
    match: element('url ignoreCase:bool negate:bool'),
    conditions: element('logicalGrouping:MatchAll|MatchAny trackAllCaptures:bool', {
      add: element('input matchType:Pattern|IsFile|IsDirectory pattern ignoreCase:bool negate:bool'),
    }),
    serverVariables: open({}),
    action: element(
      `type:None|Rewrite|Redirect|CustomResponse|AbortRequest url appendQueryString:bool logRewrittenUrl:bool
      redirectType:Permanent|Found|SeeOther|Temporary statusCode:uint subStatusCode:0-999 statusReason
      statusDescription`,
    ),
  }),
})

const account = 'enabled:bool userName password logonMethod:Interactive|Batch|Network|ClearText'

const webServer = open({
  proxy: element(`enabled:bool ${passing} ${proxying}`, { cache }),
  applicationInitialization: element(
    'remapManagedRequestsTo skipManagedModules:bool doAppInitAfterRestart:bool',
    { add: element('initializationPage hostName') },
  ),
  aspNetCore: element(
    `processPath arguments startupTimeLimit:0-3600 shutdownTimeLimit:0-600 rapidFailsPerMinute:0-100
    requestTimeout:0s-1296000s/1 stdoutLogEnabled:bool stdoutLogFile processesPerApplication:1-100
    forwardWindowsAuthToken:bool disableStartUpErrorPage:bool hostingModel`,
    {
      recycleOnFileChange: open({}),
      environmentVariables: element('', { environmentVariable: element('name value') }),
      handlerSettings: element('', { handlerSetting: element('name value') }),
    },
  ),
  rewrite: open({ globalRules: rules, rules }),
  httpRedirect: element(
    `enabled:bool destination exactDestination:bool childOnly:bool
    httpResponseStatus:Permanent|Found|Temporary|PermRedirect`,
    { add: element('wildcard destination') },
  ),
  httpProtocol: open({}),
  security: open({
    access: element('sslFlags:+None|Ssl|SslNegotiateCert|SslRequireCert|Ssl128'),
    ipSecurity: element(
      `enableReverseDns:bool allowUnlisted:bool enableProxyMode:bool
      denyAction:AbortRequest|Unauthorized|Forbidden|NotFound`,
      { add: element('ipAddress subnetMask domainName allowed:bool') },
    ),
    authentication: open({ anonymousAuthentication: element(account) }),
  }),
})

const sections: Children = {
  'system.applicationHost': open({
    applicationPools: element('', { add: pool, applicationPoolDefaults: pool }),
    sites,
    serviceAutoStartProviders: element('', { add: element('name type') }),
  }),
  'system.webServer': webServer,
  webFarms,
}

/** What a `<configuration>` holds; a location tag holds the same. */
export const knownSections: ElementSchema = open({ ...sections, location: open(sections) })
