/** One probe of a module, in order: the target, its address, the request and those of redirects, the judgement. */
import type { TLSSocket } from 'node:tls'
import { type AllowedTargets, destinationOf, mayProbe } from '../addresses/allowed_target.ts'
import type { ReadText } from '../config/yaml/text_file.ts'
import type { TlsDial } from '../probe/connect/open_connection.ts'
import type { ChooseAddress, Resolve } from '../probe/connect/resolve.ts'
import { type CookieJar, createCookieJar } from '../probe/cookie_jar.ts'
import { type Exchange, exchange } from '../probe/exchange/exchange.ts'
import { exchangeHttp2 } from '../probe/exchange/exchange_http2.ts'
import { failures, isFailure } from '../probe/failure.ts'
import { addressOf, answerOf, makeHop, type Run, startRun } from '../probe/hop.ts'
import { locationOf, maxRedirects } from '../probe/redirect.ts'
import type { Clock } from '../runtime/clock.ts'
import { hideInUrl } from '../secrets/hide.ts'
import { type Compile, judgeAnswer } from './judge_answer.ts'
import { type Handshake, noteHandshake, tlsFacts } from './metrics/tls_facts.ts'
import { type HttpModule, readsJson } from './module/module.ts'
import { type ModuleFiles, readModuleFiles, UnusableModule } from './module/module_files.ts'
import {
  destinationFor,
  isAllowed,
  type ModuleRequest,
  nextRequest,
  ownCookies,
  shownTarget,
  targetUrl,
  writeRequest,
} from './module_request.ts'
import { createProbeLog, type ProbeLog } from './probe_log.ts'
import { emptyResult, type ProbeResult } from './probe_result.ts'
import { readLimits } from './read_body.ts'

/** What is asked for. */
export interface Asked {
  readonly moduleName: string
  readonly module: HttpModule
  readonly target: string
  /** Sent as Host and as TLS server name instead of the target's own. */
  readonly hostname: string | undefined
  readonly timeoutMs: number
}

/** What a probe uses of its surroundings. */
export interface Tools {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly readText: ReadText
  readonly compile: Compile
  readonly allowed: AllowedTargets
}

export interface Report {
  readonly result: ProbeResult
  /** One line each. */
  readonly log: readonly string[]
}

const notAllowed = 'is neither a host of a farm nor listed in blackbox.allow'

/** One probe under way. */
interface Probing {
  readonly asked: Asked
  readonly tools: Tools
  readonly log: ProbeLog
  readonly result: ProbeResult
  readonly run: Run
}

/** Makes one probe. Whatever the target does is in the report; rejects only when `signal` is aborted. */
export async function runModule(asked: Asked, tools: Tools, signal: AbortSignal): Promise<Report> {
  const { module, moduleName, target, timeoutMs } = asked
  const { clock, resolve } = tools
  const log = createProbeLog(clock, { module: moduleName, target: shownTarget(target) })
  const result = emptyResult(timeoutMs)
  const startMs = clock.monotonicMs()
  const policy = { clock, resolve, chooseAddress: chooserOf(module), exchange: byAlpn }
  const run = startRun(policy, timeoutMs, signal)
  log.info('Beginning probe', { probe: 'http', timeout_seconds: timeoutMs / 1000 })
  try {
    result.success = await probeTarget({ asked, tools, log, result, run })
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof UnusableModule) log.error('The module cannot be used', { err: error.message })
    else log.error('farmprobe failed', { err: (error as Error).message })
  } finally {
    run.deadline.clear()
    run.watch.stop()
  }
  result.phaseMs = run.watch.phaseMs
  result.durationMs = clock.monotonicMs() - startMs
  log[result.success ? 'info' : 'error'](result.success ? 'Probe succeeded' : 'Probe failed', {
    duration_seconds: result.durationMs / 1000,
  })
  return { result, log: log.lines }
}

/** The first address of the preferred family, else, where that is allowed, the last of the other, as the exporter has it. */
export const chooserOf =
  ({
    preferredFamily,
    familyFallback,
  }: Pick<HttpModule, 'preferredFamily' | 'familyFallback'>): ChooseAddress =>
  (addresses, host) => {
    const preferred = addresses.find(({ family }) => family === preferredFamily)
    if (preferred !== undefined || addresses.length === 0) return preferred
    return familyFallback ? addresses.at(-1) : failures.noAddressOfFamily(host, preferredFamily)
  }

const byAlpn: Exchange = (connection, ...others) =>
  (connection.socket as TLSSocket).alpnProtocol === 'h2'
    ? exchangeHttp2(connection, ...others)
    : exchange(connection, ...others)

async function probeTarget(probing: Probing): Promise<boolean> {
  const { asked, tools, log, result } = probing
  const { module, hostname } = asked
  if (readsJson(module)) result.failedJson = false
  const first = targetUrl(asked.target)
  if (first === undefined) {
    log.error('Could not parse target URL')
    return false
  }
  const ip = await resolveTarget(probing, first)
  if (ip === undefined) return false
  const files = await readModuleFiles(module, tools.readText)
  // A Host that is asked for and one of the module agree, or the probe is refused before it comes here.
  const host = hostname ?? module.headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  const names = host === undefined ? [first.hostname] : [first.hostname, hostnameOf(host)]
  const jar = createCookieJar(tools.clock.wallMs(), ownCookies(module, files))
  const hops: Hops = {
    ...probing,
    first,
    ip,
    files,
    host,
    ownNames: new Set(names),
    jar,
    handshake: undefined,
  }
  try {
    return await followRedirects(hops)
  } finally {
    if (hops.handshake !== undefined) result.tls = tlsFacts(hops.handshake, files.ca)
  }
}

/** The address of the target; undefined where there is none, or none that may be probed. */
async function resolveTarget(
  { tools, log, result, run, asked }: Probing,
  first: URL,
): Promise<string | undefined> {
  const destination = destinationOf(first)
  if (destination === undefined || !mayProbe(destination, tools.allowed)) {
    log.error('Target not allowed', { why: `it ${notAllowed}` })
    return undefined
  }
  const { host } = destination
  log.info('Resolving target address', { host, ip_protocol: `ip${asked.module.preferredFamily}` })
  const ip = await addressOf(run, host)
  run.watch.stop()
  const tookMs = run.watch.phaseMs.resolve ?? 0
  if (typeof ip !== 'string') {
    result.lookup = { tookMs }
    log.error('Error resolving address', { err: ip.detail })
    return undefined
  }
  result.lookup = { tookMs, ip }
  log.info('Resolved target address', { host, ip })
  return ip
}

/** The hops of one probe, once the address of its target is known. */
interface Hops extends Probing {
  /** The target. */
  readonly first: URL
  readonly ip: string
  readonly files: ModuleFiles
  /** The Host to send to the target, where it is not that of the URL. */
  readonly host: string | undefined
  /** The names under which a redirect leads to the target itself. */
  readonly ownNames: ReadonlySet<string>
  readonly jar: CookieJar
  /** Of the last hop over TLS. */
  handshake: Handshake | undefined
}

/** Makes the request, and those that redirects ask for, and judges the last answer. */
async function followRedirects(hops: Hops): Promise<boolean> {
  const { asked, tools, result, log, first, run } = hops
  const { module } = asked
  let request: ModuleRequest = {
    url: first,
    method: module.method,
    withBody: true,
    pinned: true,
    trusted: true,
    referer: '',
  }
  for (;;) {
    const ended = await makeModuleHop(hops, request)
    const failure = isFailure(ended) ? ended : undefined
    const answer = answerOf(run)
    if (failure !== undefined) log.error('Error for HTTP request', { err: failure.detail })
    if (answer === undefined) return false
    const judge = () =>
      judgeAnswer({ module, compile: tools.compile, result, log }, request, answer, failure === undefined)
    hops.jar.keep(request.url, answer.headers)
    const location = failure === undefined ? locationOf(answer) : undefined
    if (location === undefined) return judge()
    result.redirects++
    log.info('Received redirect', { location: hideInUrl(location) })
    if (!module.followRedirects) return judge()
    const next = nextRequest(request, answer.status, location, hops.ownNames)
    const refused = typeof next === 'string' ? next : refusal(hops, next)
    if (typeof next === 'string' || refused !== undefined) {
      log.error('Redirect not followed', { why: refused ?? '' })
      await judge()
      return false
    }
    request = next
  }
}

/** Why a redirect is not followed. */
function refusal({ tools, result, first }: Hops, next: ModuleRequest): string | undefined {
  if (result.redirects > maxRedirects) return `more than ${maxRedirects} redirects`
  return isAllowed(next, first, tools.allowed) ? undefined : `${next.url.origin} ${notAllowed}`
}

/** Makes one hop on a connection of its own. */
function makeModuleHop(hops: Hops, request: ModuleRequest) {
  const { asked, files, first, log, result, run } = hops
  const { module } = asked
  const destination = destinationFor(request, first)
  if (destination === undefined) throw new Error('a request without a destination')
  const host = (request.pinned ? hops.host : undefined) ?? request.url.host
  const serverName = request.pinned ? (module.tls.serverName ?? hostnameOf(host)) : request.url.hostname
  result.requested = true
  hops.handshake = undefined
  log.info('Making HTTP request', { url: hideInUrl(request.url.href), host })
  const endpoint = {
    host: request.pinned ? hops.ip : destination.host,
    port: destination.port,
    tls: destination.scheme === 'https' ? tlsDial(hops, serverName.replace(/^\[|\]$/g, '')) : undefined,
    keepAs: '',
    limits: readLimits(module),
  }
  const cookie = hops.jar.headerFor(request.url, request.trusted)
  return makeHop(run, endpoint, writeRequest(request, module, files, host, cookie))
}

/** The host alone, of a Host header that may have a port. */
const hostnameOf = (host: string) => new URL(`http://${host}`).hostname

const tlsDial = (hops: Hops, hostname: string): TlsDial => ({
  hostname,
  context: hops.files.secureContext(),
  insecure: hops.asked.module.tls.insecure,
  protocols: hops.asked.module.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
  onHandshake(socket, leaf) {
    hops.handshake = noteHandshake(socket, leaf)
  },
})
