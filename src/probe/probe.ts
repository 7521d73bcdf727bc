import { type Farm, targetsOf } from '../model/farm.ts'
import type { Order, Outcome, Probe } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { createKeptConnections } from './connect/kept_connections.ts'
import { createSystemResolve, type Resolve } from './connect/resolve.ts'
import { warmUp } from './connect/undici_sender.ts'
import type { Deadline } from './deadline.ts'
import { startDeadline } from './deadline.ts'
import { type Failure, failures, isFailure, timedOut } from './failure.ts'
import { makeHop, type Run, type Tools } from './hop.ts'
import { outcomeOf, outcomeWithout } from './judge/build_outcome.ts'
import { connectionKey, createPlans } from './probe_plan.ts'
import { maxRedirects, nextAim } from './redirect.ts'
import { startStopwatch } from './stopwatch.ts'

export interface ProbeOptions {
  readonly clock: Clock
  /** A new value for the X-Farmprobe-Id header: unique, of characters that may stand in a URL. */
  readonly newId: () => string
  /** Finds the addresses of a name, the preferred one first; by default the system does. */
  readonly resolve?: Resolve
}

export interface Prober {
  /** Rejects only when its signal is aborted, with the signal's reason: an abandoned probe has no outcome. */
  readonly probe: Probe
  /** Closes the kept connections of whatever is no longer in the plan. */
  retain(farms: readonly Farm[]): void
  /** Closes every idle connection. Probes under way are ended by their own signals. */
  close(): Promise<void>
}

/**
 * Makes probes over HTTP/1.1: one request, on one connection attempt, to one known address, within one deadline;
 * never a hidden retry. What the target does, whatever it is, becomes an outcome.
 *
 * HTTP is undici's, by its dispatch layer: it writes the request and parses the answer on a socket that we open, one
 * for each connection. Its pools, retries, redirects and timers have no part in a probe.
 */
export function createProbe({ clock, newId, resolve = createSystemResolve() }: ProbeOptions): Prober {
  const kept = createKeptConnections()
  const tools: Tools = { clock, resolve, kept }
  const planOf = createPlans()
  warmUp()

  async function probe(order: Order, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted()
    const id = newId()
    let watch = startStopwatch(clock)
    let deadline: Deadline | undefined
    try {
      const plan = planOf(order.farm, order.check, order.target)
      // The first probe of a check makes its plan; what that takes is ours and not the target's.
      watch = startStopwatch(clock)
      const describe = () => timedOut[watch.phase](run.address, plan.allowed, order.target.host)
      deadline = startDeadline(clock, order.check.timeoutMs, signal, describe)
      const run: Run = { plan, id, watch, deadline, address: '', notAfterMs: undefined, reader: undefined }
      const failure = await followHops(run, tools)
      watch.stop()
      return await outcomeOf(order, run, failure)
    } catch (error) {
      if (signal.aborted) throw error
      watch.stop()
      return outcomeWithout(order, id, watch, failures.internal(error))
    } finally {
      deadline?.clear()
    }
  }

  function retain(farms: readonly Farm[]): void {
    kept.retain(new Set(farms.flatMap(keysOf)))
  }

  return {
    probe,
    retain,
    async close() {
      kept.retain(new Set())
    },
  }
}

const keysOf = (farm: Farm): string[] =>
  farm.checks
    .filter((check) => check.connection === 'reuse')
    .flatMap((check) => targetsOf(farm, check).map((target) => connectionKey(farm, check, target)))

/** Makes the request, and those that redirects on the same target ask for; the failure that ended it, if one did. */
async function followHops(run: Run, tools: Tools): Promise<Failure | undefined> {
  const { check, farm, writer } = run.plan
  let aim = writer.first
  for (let hops = 0; ; hops++) {
    const answer = await makeHop(run, aim, tools)
    if (isFailure(answer)) return answer
    const next = check.redirects === 'pinned' ? nextAim(answer, aim, farm.site) : undefined
    if (!next || isFailure(next)) return next
    if (hops === maxRedirects) return failures.tooManyRedirects(maxRedirects)
    aim = next
  }
}
