/** One probe of a module, in order: the target, its address, the request and those of redirects, the judgement. */
import type { TLSSocket } from 'node:tls'
import { type AllowedTargets, mayProbe } from '../addresses/allowed_target.ts'
import type { ReadText } from '../config/yaml/text_file.ts'
import type { TlsDial } from '../probe/connect/connection.ts'
import type { ChooseAddress, Resolve } from '../probe/connect/resolve.ts'
import { type CookieJar, createCookieJar } from '../probe/cookie_jar.ts'
import type { Answer } from '../probe/exchange/answer.ts'
import { type Exchange, exchange } from '../probe/exchange/exchange.ts'
import { exchangeHttp2 } from '../probe/exchange/exchange_http2.ts'
import { type Failure, failures, isFailure } from '../probe/failure.ts'
import { addressOf, answerOf, type Endpoint, makeHop, type Run, startRun } from '../probe/hop.ts'
import { locationOf, maxRedirects } from '../probe/redirect.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Compile } from '../runtime/regexp.ts'
import { hideInUrl } from '../secrets/hide.ts'
import { concealSent } from '../secrets/sent_secrets.ts'
import { judgeAnswer } from './judge_answer.ts'
import { nothingYet, type ProbeResult } from './metrics/probe_metrics.ts'
import { type Handshake, noteHandshake, tlsFacts } from './metrics/tls_facts.ts'
import { type HttpModule, readsJson } from './module/module.ts'
import { type ModuleFiles, readModuleFiles, UnusableModule } from './module/module_files.ts'
import {
  firstRequest,
  hostnameOf,
  type ModuleRequest,
  type ModuleTarget,
  nextRequest,
  ownCookies,
  sentOf,
  shownTarget,
  targetOf,
  writeRequest,
} from './module_request.ts'
import { createProbeLog, type ProbeLog } from './probe_log.ts'
import { readLimits } from './read_body.ts'

export interface Asked {
  readonly moduleName: string
  readonly module: HttpModule
  readonly target: string
  /** Sent as Host and as TLS server name instead of the target's own. */
  readonly hostname: string | undefined
  readonly timeoutMs: number
}

export interface Tools {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly readText: ReadText
  readonly compile: Compile
  readonly allowed: AllowedTargets
}

export interface Report {
  readonly result: ProbeResult
  readonly log: readonly string[]
}

const notAllowed = 'is neither a host of a farm nor listed in blackbox.allow'

interface Begun {
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
  const result: ProbeResult = { ...nothingYet, timeoutMs }
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

async function probeTarget(begun: Begun): Promise<boolean> {
  const { asked, tools, log, result } = begun
  const { module, hostname } = asked
  if (readsJson(module)) result.failedJson = false
  // A Host that is asked for and one of the module agree, or the probe is refused before it comes here.
  const host = hostname ?? module.headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  const target = targetOf(asked.target, host)
  if (target === undefined) {
    log.error('Could not parse target URL')
    return false
  }
  const ip = await resolveTarget(begun, target)
  if (ip === undefined) return false
  const files = await readModuleFiles(module, tools.readText)
  log.conceal(concealSent(sentOf(target, module, files)))
  const jar = createCookieJar(tools.clock.wallMs(), ownCookies(module, files))
  const probing: Probing = { ...begun, target, ip, files, jar, handshake: undefined }
  try {
    return await followRedirects(probing)
  } finally {
    if (probing.handshake !== undefined) result.tls = tlsFacts(probing.handshake, files.ca)
  }
}

/** The address of the target; undefined where there is none, or none that may be probed. */
async function resolveTarget(begun: Begun, { destination }: ModuleTarget): Promise<string | undefined> {
  const { tools, log, result, run, asked } = begun
  if (!mayProbe(destination, tools.allowed)) {
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

/** A probe that knows the address of its target. */
interface Probing extends Begun {
  readonly target: ModuleTarget
  readonly ip: string
  readonly files: ModuleFiles
  readonly jar: CookieJar
  /** Of the last hop over TLS. */
  handshake: Handshake | undefined
}

/** Makes the request, and those that redirects ask for, and judges the last answer. */
async function followRedirects(probing: Probing): Promise<boolean> {
  const { asked, tools, result, log, run, target, jar } = probing
  const { module } = asked
  const judging = { module, compile: tools.compile, deadline: run.deadline, result, log }
  for (let request = firstRequest(target, module.method); ; ) {
    const ended = await makeModuleHop(probing, request)
    const whole = !isFailure(ended)
    const answer = answerOf(run)
    if (!whole) log.error('Error for HTTP request', { err: ended.detail })
    if (answer === undefined) return false
    if (answer.remark !== undefined) log.info(answer.remark)
    jar.keep(request.url, answer.headers)
    const location = whole ? locationOf(answer) : undefined
    if (location === undefined) return judgeAnswer(judging, request, answer, whole)
    result.redirects++
    log.info('Received redirect', { location: hideInUrl(location) })
    if (!module.followRedirects) return judgeAnswer(judging, request, answer, whole)
    const next = nextRequest(request, answer.status, location, target)
    const why = refusal(next, result.redirects, tools.allowed)
    if (next === undefined || why !== undefined) {
      log.error('Redirect not followed', { why: why ?? '' })
      await judgeAnswer(judging, request, answer, whole)
      return false
    }
    request = next
  }
}

/** Why a redirect is not followed; undefined when it is. */
function refusal(next: ModuleRequest | undefined, redirects: number, allowed: AllowedTargets) {
  if (next === undefined) return 'it leads to no URL of HTTP'
  if (redirects > maxRedirects) return `more than ${maxRedirects} redirects`
  return mayProbe(next.destination, allowed) ? undefined : `${next.url.origin} ${notAllowed}`
}

function makeModuleHop(probing: Probing, request: ModuleRequest): Promise<Answer | Failure> {
  const { asked, target, ip, files, jar, log, result, run } = probing
  const { module } = asked
  const { destination, pinned, url } = request
  const host = (pinned ? target.host : undefined) ?? url.host
  const serverName = pinned ? (module.tls.serverName ?? hostnameOf(host)) : url.hostname
  result.requested = true
  probing.handshake = undefined
  log.info('Making HTTP request', { url: hideInUrl(url.href), host })
  const endpoint: Endpoint = {
    host: pinned ? ip : destination.host,
    port: destination.port,
    tls: destination.scheme === 'https' ? tlsDial(probing, serverName.replace(/^\[|\]$/g, '')) : undefined,
    keepAs: '',
    limits: readLimits(module),
  }
  const cookie = jar.headerFor(url, request.trusted)
  return makeHop(run, endpoint, writeRequest(request, module, files, host, cookie))
}

const tlsDial = (probing: Probing, hostname: string): TlsDial => ({
  hostname,
  context: probing.files.secureContext(),
  insecure: probing.asked.module.tls.insecure,
  protocols: probing.asked.module.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
  onHandshake(socket, leaf) {
    probing.handshake = noteHandshake(socket, leaf)
  },
})
