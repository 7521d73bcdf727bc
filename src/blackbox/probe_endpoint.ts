/**
 * Answers `GET /probe`: what is asked for, whether it may be had, and what came of it. The probes are made on a thread of
 * their own: what a client asks for can disturb neither the schedule's measurements nor our pages, and a probe that
 * never ends is ended with its thread.
 */
import { type AllowedTargets, mayProbe, placesOf } from '../addresses/allowed_target.ts'
import type { Blackbox } from '../config/config.ts'
import type { Farm } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { createRequestThread } from '../runtime/request_thread.ts'
import { contentType } from './metrics/probe_metrics.ts'
import { type HttpModule, isHost, type Modules, standardModules, usualModule } from './module/module.ts'
import { shownTarget, targetOf } from './module_request.ts'
import type { OnDemandOrder, OnDemandRequests } from './serve_on_demand.ts'

/** The parameters of a request, undefined where they are not given. */
interface Question {
  readonly target: string | undefined
  readonly module: string | undefined
  readonly hostname: string | undefined
  readonly debug: boolean
  /** The header X-Prometheus-Scrape-Timeout-Seconds. */
  readonly scrapeTimeout: string | undefined
}

interface Answered {
  readonly status: 200 | 400 | 403 | 503
  readonly contentType: string
  readonly text: string
}

type Answer = 'probed' | 'refused' | 'busy' | 'broken'

export interface OnDemandOptions {
  readonly entry: URL
  readonly clock: Clock
  readonly log: Log
  /** Called for every request. */
  readonly onAnswer: (answer: Answer) => void
}

/** What the configuration says of probes on demand, with the modules of the file that it names. */
export interface OnDemandSettings extends Blackbox {
  /** Absent: the standard modules. */
  readonly modules?: Modules
}

const plainText = 'text/plain; charset=utf-8'
const refused = (status: Answered['status'], text: string): Answered => ({
  status,
  contentType: plainText,
  text: `${text}\n`,
})

export type OnDemand = ReturnType<typeof createOnDemand>

/** Probes nothing but the farms' hosts and what `settings` allow. */
export function createOnDemand(initial: OnDemandSettings, options: OnDemandOptions) {
  const { onAnswer } = options
  const thread = createThread(options)
  let settings = initial
  let places: AllowedTargets['places'] = new Map()
  const modules = () => settings.modules ?? standardModules
  const allowed = () => ({ patterns: settings.allow, places })
  const configureThread = () => thread.configure({ modules: modules(), allowed: allowed() })
  configureThread()

  async function answer(question: Question, signal: AbortSignal): Promise<Answered> {
    const order = orderOf(question, modules(), allowed(), settings.timeoutOffsetMs)
    if ('status' in order) {
      onAnswer('refused')
      return order
    }
    if (thread.pending() >= settings.maxInFlight) {
      onAnswer('busy')
      return tooMany(settings.maxInFlight)
    }
    const text = await thread.probe(order, signal)
    onAnswer(text === undefined ? 'broken' : 'probed')
    if (text === undefined) return refused(503, 'The probe was broken off; the log of farmprobe says why.')
    return { status: 200, contentType: question.debug ? plainText : contentType, text }
  }

  return {
    /** `signal` is aborted when the client is gone. */
    answer,
    setFarms(farms: readonly Farm[]): void {
      places = placesOf(farms)
      configureThread()
    },
    configure(given: OnDemandSettings): void {
      settings = given
      configureThread()
    },
    stop: thread.terminate,
  }
}

/** What a probe may take beyond its time limit, such as to search a long body, before its thread is ended. */
const graceMs = 10_000

/** The first probe starts the thread, and so does the first one after it has ended. */
function createThread({ entry, clock, log }: OnDemandOptions) {
  const { ask, configure, pending, terminate } = createRequestThread<OnDemandRequests>({
    entry,
    name: 'probes on demand',
    onFailure: (cause) =>
      log.error(
        { self: 'on_demand', error: cause.stack ?? cause.message },
        'the thread that probes on demand ended; the next probe on demand restarts it',
      ),
  })
  /** The answer's text; undefined when there is none, because it was aborted or the thread ended. */
  function probe(order: OnDemandOrder, signal: AbortSignal): Promise<string | undefined> {
    const { module, target, timeoutMs } = order
    const cancel = clock.after(timeoutMs + graceMs, () => {
      log.error(
        { self: 'on_demand', module, target: shownTarget(target) },
        'a probe on demand does not end, so its thread is ended',
      )
      void terminate()
    })
    return ask(order, signal)
      .catch(() => undefined)
      .finally(cancel)
  }
  return { probe, configure, pending, terminate }
}

const tooMany = (limit: number) =>
  refused(
    503,
    `${limit} probes on demand are under way, which is as many as blackbox.max_in_flight allows; ask less often, or raise it.`,
  )

/** The probe that is asked for, or why it is not made; the checks come in the exporter's order. */
function orderOf(question: Question, modules: Modules, allowed: AllowedTargets, offsetMs: number) {
  const name = question.module || usualModule
  const module = modules.get(name)
  if (module === undefined) return refused(400, `Unknown module ${JSON.stringify(name)}`)
  if (!('http' in module))
    return refused(400, `Module ${JSON.stringify(name)} is not served: ${module.notServed}.`)
  const timeoutMs = timeLimitMs(module.http.timeoutMs, question.scrapeTimeout, offsetMs)
  if (timeoutMs === undefined)
    return refused(
      400,
      `X-Prometheus-Scrape-Timeout-Seconds is ${JSON.stringify(question.scrapeTimeout)}, which is no number.`,
    )
  const { target = '', hostname, debug } = question
  if (target === '') return refused(400, 'Target parameter is missing')
  const problem = hostname ? hostnameProblem(hostname, module.http) : undefined
  if (problem !== undefined) return refused(400, problem)
  const notAllowed = targetProblem(target, allowed)
  if (notAllowed !== undefined) return refused(403, notAllowed)
  return { module: name, target, hostname: hostname || undefined, timeoutMs, debug }
}

/** How long Prometheus waits where it does not say. */
const usualScrapeTimeoutS = 120

/** Our own web server keeps no client waiting longer. */
const maxTimeLimitMs = 119_500

/**
 * The time limit of a probe in milliseconds, by the exporter's rules: the module's own where it has one that is
 * shorter than what the scrape leaves, else that. `header` is X-Prometheus-Scrape-Timeout-Seconds, undefined when it
 * was not sent; returns undefined when it is no number.
 */
export function timeLimitMs(
  moduleTimeoutMs: number,
  header: string | undefined,
  offsetMs: number,
): number | undefined {
  const seconds = header === undefined ? usualScrapeTimeoutS : Number(header)
  if (header?.trim() === '' || !Number.isFinite(seconds)) return undefined
  const leftMs = Math.min(maxTimeLimitMs, (seconds === 0 ? usualScrapeTimeoutS : seconds) * 1000 - offsetMs)
  const own = moduleTimeoutMs > 0 && (moduleTimeoutMs < leftMs || leftMs < 0)
  return Math.max(0, own ? moduleTimeoutMs : leftMs)
}

function hostnameProblem(hostname: string, { headers }: HttpModule): string | undefined {
  if (!isHost(hostname)) return `The hostname ${JSON.stringify(hostname)} is none.`
  const configured = headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  if (configured === undefined || configured === hostname) return undefined
  return `The hostname ${JSON.stringify(hostname)} contradicts the module, whose header Host is ${JSON.stringify(configured)}.`
}

/** A target that is no URL is probed, and fails: so it shows where failures are looked for. */
function targetProblem(target: string, allowed: AllowedTargets): string | undefined {
  const destination = targetOf(target, undefined)?.destination
  if (destination === undefined || mayProbe(destination, allowed)) return undefined
  return (
    `The target ${JSON.stringify(shownTarget(target).slice(0, 200))} may not be probed: it is neither a host of a farm nor listed ` +
    'in blackbox.allow of the configuration.'
  )
}
