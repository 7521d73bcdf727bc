/** One probe, told in order: the target, its address, the request and those of redirects, the judgement. */

import { type AllowedTargets, destinationOf, mayProbe } from '../addresses/allowed_target.ts'
import type { ReadText } from '../config/yaml/text_file.ts'
import type { Resolve } from '../probe/connect/resolve.ts'
import { startDeadline } from '../probe/deadline.ts'
import { valuesOf } from '../probe/exchange/header.ts'
import { timedOut } from '../probe/failure.ts'
import { startStopwatch } from '../probe/stopwatch.ts'
import type { Clock } from '../runtime/clock.ts'
import { formatDuration } from '../runtime/duration.ts'
import { hideInUrl } from '../secrets/hide.ts'
import { conclude } from './conclude.ts'
import { type CookieJar, createCookieJar } from './cookie_jar.ts'
import { hostnameOf, makeVisit, type Traveller } from './make_visit.ts'
import { type Findings, nothingFound } from './metrics/findings.ts'
import { tlsFacts } from './metrics/tls_facts.ts'
import type { HttpModule } from './module/module.ts'
import { NoMaterial, readMaterial } from './module/module_files.ts'
import { type Compile, readsJson } from './module_expectations.ts'
import { type Journey, lookUp, type Search } from './module_hop.ts'
import { createProbeLog, type ProbeLog } from './probe_log.ts'
import { isAllowed, nextVisit, redirectStatuses, shownTarget, targetUrl, type Visit } from './visit.ts'

/** What is asked for. */
export interface Wanted {
  readonly moduleName: string
  readonly module: HttpModule
  readonly target: string
  /** Sent as Host and as TLS server name in the place of the target's own. */
  readonly hostname: string | undefined
  readonly timeoutMs: number
}

/** What a probe uses of its surroundings. */
export interface Surroundings {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly readText: ReadText
  readonly compile: Compile
  readonly allowed: AllowedTargets
}

export interface Report {
  readonly findings: Findings
  readonly log: readonly string[]
}

const maxRedirects = 10

const notAllowed = 'is neither a host of a farm nor listed in blackbox.allow'

/** One probe under way. */
interface Run {
  readonly wanted: Wanted
  readonly around: Surroundings
  readonly compile: Compile
  readonly log: ProbeLog
  readonly findings: Findings
  readonly first: URL
  readonly search: Search
}

/** One that makes requests. */
interface Travelling extends Run, Omit<Traveller, keyof Run> {
  readonly jar: CookieJar
  /** Under which names a redirect leads to the target itself. */
  readonly ownNames: ReadonlySet<string>
}

/** Makes one probe. Whatever the target does is in the report; rejects only when `signal` is aborted. */
export async function runProbe(wanted: Wanted, around: Surroundings, signal: AbortSignal): Promise<Report> {
  const { clock } = around
  const log = createProbeLog(clock, { module: wanted.moduleName, target: shownTarget(wanted.target) })
  const findings = nothingFound(wanted.timeoutMs)
  const startMs = clock.monotonicMs()
  log.info('Beginning probe', { probe: 'http', timeout_seconds: wanted.timeoutMs / 1000 })
  try {
    findings.success = await probeHttp(wanted, around, log, findings, signal)
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof NoMaterial) log.error('The module cannot be used', { err: error.message })
    else log.error('farmprobe failed', { err: (error as Error).message })
  }
  findings.durationMs = clock.monotonicMs() - startMs
  log[findings.success ? 'info' : 'error'](findings.success ? 'Probe succeeded' : 'Probe failed', {
    duration_seconds: findings.durationMs / 1000,
  })
  return { findings, log: log.lines }
}

async function probeHttp(
  wanted: Wanted,
  around: Surroundings,
  log: ProbeLog,
  findings: Findings,
  signal: AbortSignal,
): Promise<boolean> {
  const { module } = wanted
  const { clock, resolve, compile } = around
  if (readsJson(module.accept)) findings.failedJson = false
  const first = targetUrl(wanted.target)
  if (first === undefined) {
    log.error('Could not parse target URL')
    return false
  }
  const watch = startStopwatch(clock)
  const dialled = { host: '', address: '' }
  const allowed = formatDuration(wanted.timeoutMs)
  const describe = () => timedOut[watch.phase](dialled.address, allowed, dialled.host)
  const deadline = startDeadline(clock, wanted.timeoutMs, signal, describe)
  try {
    const search: Search = { clock, resolve, module, watch, deadline, dialled }
    return await approach({ wanted, around, compile, log, findings, first, search })
  } finally {
    deadline.clear()
    watch.stop()
    findings.phaseMs = watch.phaseMs
  }
}

/** Finds the target's address, and all that a request to it takes. */
async function approach(run: Run): Promise<boolean> {
  const { wanted, around, findings, first, search } = run
  const address = await lookUpFirst(run)
  if (address === undefined) return false
  const material = await readMaterial(wanted.module, around.readText)
  const journey: Journey = { ...search, material, handshake: undefined }
  const host = hostHeader(wanted)
  const names = [first.hostname, ...(host === undefined ? [] : [hostnameOf(host)])]
  const jar = createCookieJar(around.clock.wallMs())
  try {
    return await follow({ ...run, journey, jar, ownNames: new Set(names), host, address })
  } finally {
    if (journey.handshake !== undefined) findings.tls = tlsFacts(journey.handshake, material.ca)
  }
}

/** A Host that the request or the module gives; the handler has seen to it that they agree. */
const hostHeader = ({ hostname, module }: Wanted): string | undefined =>
  hostname ?? module.headers.find(([name]) => name.toLowerCase() === 'host')?.[1]

/** The request, and those that redirects ask for. */
async function follow(run: Travelling): Promise<boolean> {
  const { findings, log, first } = run
  const { module } = run.wanted
  let visit: Visit = {
    url: first,
    method: module.method,
    withBody: true,
    pinned: true,
    trusted: true,
    referer: '',
  }
  for (;;) {
    const exchanged = await makeVisit(run, visit)
    const { answer, failure } = exchanged
    if (failure !== undefined) log.error('Error for HTTP request', { err: failure.detail })
    if (answer === undefined) return false
    run.jar.keep(visit.url, answer.headers)
    const [location = ''] = valuesOf(answer.headers, 'location')
    if (failure !== undefined || !redirectStatuses.has(answer.status) || location === '')
      return conclude(run, visit, exchanged)
    findings.redirects++
    log.info('Received redirect', { location: hideInUrl(location) })
    if (!module.followRedirects) return conclude(run, visit, exchanged)
    const next = nextVisit(visit, answer.status, location, run.ownNames)
    const refused = typeof next === 'string' ? next : refusal(run, next)
    if (typeof next === 'string' || refused !== undefined) {
      log.error('Redirect not followed', { why: refused ?? '' })
      await conclude(run, visit, exchanged)
      return false
    }
    visit = next
  }
}

/** Why a redirect is not followed. */
function refusal({ around, findings, first }: Run, next: Visit): string | undefined {
  if (findings.redirects > maxRedirects) return `more than ${maxRedirects} redirects`
  return isAllowed(next, first, around.allowed) ? undefined : `${next.url.origin} ${notAllowed}`
}

/** The address of the target; undefined where there is none, or none that may be probed. */
async function lookUpFirst({ around, log, findings, first, search }: Run): Promise<string | undefined> {
  const destination = destinationOf(first)
  if (destination === undefined || !mayProbe(destination, around.allowed)) {
    log.error('Target not allowed', { why: `it ${notAllowed}` })
    return undefined
  }
  const { host } = destination
  log.info('Resolving target address', { host, ip_protocol: `ip${search.module.preferredFamily}` })
  const found = await lookUp(search, host)
  const tookMs = search.watch.phaseMs.resolve ?? 0
  if (typeof found === 'string') {
    findings.lookup = { tookMs }
    log.error('Error resolving address', { err: found })
    return undefined
  }
  findings.lookup = { tookMs, ip: found.address }
  log.info('Resolved target address', { host, ip: found.address })
  return found.address
}
