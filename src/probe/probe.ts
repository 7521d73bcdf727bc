/** Scheduled probes: one check on one target, always at the target's own address. */
import { type Farm, type Target, targetsOf, throughTargetsOf } from '../model/farm.ts'
import type { Judging, Order, Outcome } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { createAffinities, sessionIn } from './affinity.ts'
import { createKeptConnections } from './connect/kept_connections.ts'
import { createSystemResolve, type Resolve } from './connect/resolve.ts'
import { type CookieJar, createCookieJar, withCookie } from './cookie_jar.ts'
import { exchange } from './exchange/exchange.ts'
import { type Aim, isTraced, type Marks } from './exchange/request.ts'
import { randomTraceparent } from './exchange/traceparent.ts'
import { type Failure, failures, isFailure } from './failure.ts'
import { answerOf, type Endpoint, type HopPolicy, makeHop, type Run, startRun } from './hop.ts'
import { outcomeOf, outcomeWithout } from './judge/build_outcome.ts'
import { connectionKey, createPlans, type Plan } from './probe_plan.ts'
import { locationOf, maxRedirects, nextAim } from './redirect.ts'
import { startStopwatch } from './stopwatch.ts'

export interface ProbeOptions {
  readonly clock: Clock
  /** A new value for the X-Farmprobe-Id header: unique, of characters that may stand in a URL. */
  readonly newId: () => string
  /** A new `traceparent` for a probe that begins a trace; by default a random one. */
  readonly newTraceparent?: () => string
  /** Finds the addresses of a name, the preferred one first; by default the system does. */
  readonly resolve?: Resolve
  /** Told of every piece of work on an answer that blocks this thread. */
  readonly judging?: Judging
}

export type Prober = ReturnType<typeof createProbe>

/**
 * Makes probes over HTTP/1.1: one request, on one connection attempt, to one known address, within one deadline;
 * never a hidden retry. What the target does, whatever it is, becomes an outcome.
 */
export function createProbe({
  clock,
  newId,
  newTraceparent = randomTraceparent,
  resolve = createSystemResolve(),
  judging = (_, work) => work(),
}: ProbeOptions) {
  const kept = createKeptConnections(clock)
  const policy: HopPolicy = { clock, resolve, chooseAddress: ([first]) => first, exchange, kept }
  const planOf = createPlans()
  const affinities = createAffinities(clock)

  async function probe(order: Order, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted()
    const marks = { id: newId(), ...(isTraced(order.check) && { traceparent: newTraceparent() }) }
    let run: Run | undefined
    try {
      const plan = planOf(order.farm, order.check)
      const endpoint = plan.endpointOf(order.target)
      // The first probe of a check makes its plan; what that takes is ours and not the target's.
      run = startRun(policy, order.check.timeoutMs, signal)
      const first = aimAt(order, plan, run)
      const failure = await followHops(run, order, plan, first, endpoint, marks)
      run.watch.stop()
      const outcome = await outcomeOf(order, plan, marks, run, failure, judging)
      const last = answerOf(run)
      const elsewhere = last && affinities.learn(order, [...run.earlier, last], outcome)
      return elsewhere === undefined ? outcome : { ...outcome, elsewhere }
    } catch (error) {
      if (signal.aborted) throw error
      run?.watch.stop()
      return outcomeWithout(order, marks, run?.watch ?? startStopwatch(clock), failures.internal(error))
    } finally {
      run?.deadline.clear()
    }
  }

  /** A node through the balancer is asked for by its cookie. */
  function aimAt({ farm, target }: Order, { writer }: Plan, run: Run): Aim {
    const { first } = writer
    if (target.role !== 'through' || farm.affinity === undefined) return first
    const value = affinities.valueOf(farm, target)
    if (value === undefined) throw new Error(`no cookie of ${target.name} is known`)
    run.session = sessionIn(value, farm)
    return { ...first, cookie: withCookie(first.cookie, farm.affinity.cookie, value) }
  }

  return {
    /** Whether a target can be reached: a node through the balancer can be once a cookie of it is known. */
    canProbe: (farm: Farm, target: Target): boolean =>
      target.role !== 'through' || affinities.valueOf(farm, target) !== undefined,
    /** Rejects only when its signal is aborted, with the signal's reason: an abandoned probe has no outcome. */
    probe,
    /** Closes the kept connections of all that is no longer in the plan, and forgets what was learned of it. */
    retain(farms: readonly Farm[]): void {
      kept.retain(new Set(farms.flatMap(keysOf)))
      affinities.retain(farms)
    },
    /** Closes every idle connection. Probes under way are ended by their own signals. */
    close: async (): Promise<void> => kept.retain(new Set()),
  }
}

const keysOf = (farm: Farm): string[] =>
  farm.checks
    .filter((check) => check.connection === 'reuse')
    .flatMap((check) =>
      [...targetsOf(farm, check), ...throughTargetsOf(farm, check)].map((target) =>
        connectionKey(farm, check, target),
      ),
    )

/** Makes the request, and those that redirects on the same target ask for; returns the failure that ended it, if any. */
async function followHops(
  run: Run,
  { check, farm }: Order,
  { writer }: Plan,
  first: Aim,
  endpoint: Endpoint,
  marks: Marks,
): Promise<Failure | undefined> {
  let aim = first
  let jar: CookieJar | undefined
  for (let hops = 0; ; hops++) {
    const answer = await makeHop(run, endpoint, writer.write(aim, marks))
    if (isFailure(answer)) return answer
    const location = check.redirects === 'pinned' ? locationOf(answer) : undefined
    if (location === undefined) return undefined
    jar ??= createCookieJar(run.policy.clock.wallMs(), aim.cookie)
    const next = nextAim(answer, location, aim, farm.site, jar)
    if (isFailure(next)) return next
    if (hops === maxRedirects) return failures.tooManyRedirects(maxRedirects)
    run.earlier.push(answer)
    aim = next
  }
}
