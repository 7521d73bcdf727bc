/** Answers `GET /probe`: what is asked for, whether it may be had, and what came of it. */

import { type AllowedTargets, destinationOf, mayProbe, placesOf } from '../addresses/allowed_target.ts'
import type { Blackbox } from '../config/config.ts'
import type { Farm } from '../model/farm.ts'
import { contentType } from './metrics/write_probe_metrics.ts'
import { isHost } from './module/header_text.ts'
import type { HttpModule, Modules } from './module/module.ts'
import { standardModules, usualModule } from './module/standard_modules.ts'
import type { Order } from './on_demand_messages.ts'
import { createOnDemandThread, type ThreadOptions } from './on_demand_thread.ts'
import { timeLimitMs } from './scrape_timeout.ts'
import { shownTarget, targetUrl } from './visit.ts'

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

/** What became of a request. */
type Answer = 'probed' | 'refused' | 'busy' | 'broken'

export interface OnDemandOptions extends ThreadOptions {
  /** Hears of every request. */
  readonly onAnswer: (answer: Answer) => void
}

/** What the configuration says of probes on demand, with the modules of the file that it names. */
export interface OnDemandSettings extends Blackbox {
  /** Absent: the standard modules. */
  readonly modules?: Modules
}

export interface OnDemand {
  /** `signal` is aborted when nobody waits for the answer any more. */
  answer(question: Question, signal: AbortSignal): Promise<Answered>
  setFarms(farms: readonly Farm[]): void
  configure(settings: OnDemandSettings): void
  stop(): Promise<void>
}

const plainText = 'text/plain; charset=utf-8'
const refused = (status: Answered['status'], text: string): Answered => ({
  status,
  contentType: plainText,
  text: `${text}\n`,
})

/** Serves nothing but the farms' hosts and what `settings` allow. */
export function createOnDemand(initial: OnDemandSettings, options: OnDemandOptions): OnDemand {
  const { onAnswer } = options
  const thread = createOnDemandThread(options)
  let settings = initial
  let modules = modulesOf(settings)
  let allowed: AllowedTargets = { patterns: settings.allow, places: new Map() }
  const settle = () => thread.settle({ modules, allowed })
  settle()
  return {
    async answer(question, signal) {
      const order = orderOf(question, modules, allowed, settings.timeoutOffsetMs)
      if ('status' in order) {
        onAnswer('refused')
        return order
      }
      if (thread.inFlight() >= settings.maxInFlight) {
        onAnswer('busy')
        return tooMany(settings.maxInFlight)
      }
      const text = await thread.probe(order, signal)
      onAnswer(text === undefined ? 'broken' : 'probed')
      if (text === undefined) return refused(503, 'The probe was broken off; the log of farmprobe says why.')
      return { status: 200, contentType: question.debug ? plainText : contentType, text }
    },
    setFarms(farms) {
      allowed = { ...allowed, places: placesOf(farms) }
      settle()
    },
    configure(given) {
      settings = given
      modules = modulesOf(given)
      allowed = { ...allowed, patterns: given.allow }
      settle()
    },
    stop: () => thread.stop(),
  }
}

const tooMany = (most: number) =>
  refused(
    503,
    `${most} probes on demand are under way, which is as many as blackbox.max_in_flight allows; ask less often, or raise it.`,
  )

const modulesOf = ({ modules }: OnDemandSettings): Modules => modules ?? standardModules

/** The probe that is asked for, or why it is not made; the checks come in the exporter's order. */
function orderOf(
  question: Question,
  modules: Modules,
  allowed: AllowedTargets,
  offsetMs: number,
): Order | Answered {
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

function hostnameProblem(hostname: string, { headers }: HttpModule): string | undefined {
  if (!isHost(hostname)) return `The hostname ${JSON.stringify(hostname)} is none.`
  const configured = headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  if (configured === undefined || configured === hostname) return undefined
  return `The hostname ${JSON.stringify(hostname)} contradicts the module, whose header Host is ${JSON.stringify(configured)}.`
}

/** A target that is no URL is probed, and fails: so it shows where failures are looked for. */
function targetProblem(target: string, allowed: AllowedTargets): string | undefined {
  const url = targetUrl(target)
  const destination = url && destinationOf(url)
  if (destination === undefined || mayProbe(destination, allowed)) return undefined
  return (
    `The target ${JSON.stringify(shownTarget(target).slice(0, 200))} may not be probed: it is neither a host of a farm nor listed ` +
    'in blackbox.allow of the configuration.'
  )
}
