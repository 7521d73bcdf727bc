import type { Check, Expectations, Farm, Site, Target } from '../../../src/model/farm.ts'
import type { Order, Outcome } from '../../../src/model/outcome.ts'
import { createProbe, type ProbeOptions, type Prober } from '../../../src/probe/probe.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { sampleCheck, sampleFarm, sampleNode } from '../farms/sample_farm.ts'

/** What a test wants to be different from a plain GET of a plain HTTP target on 127.0.0.1. */
export interface Wish {
  readonly port: number
  readonly check?: Partial<Check>
  readonly status?: Expectations['status']
  readonly body?: Partial<Expectations['body']>
  readonly headers?: Expectations['headers']
  readonly warming?: Expectations['warming']
  /** The longest that the probe may take, in milliseconds. */
  readonly duration?: number
  readonly farm?: Partial<Farm>
  readonly site?: Partial<Site>
  readonly target?: Partial<Target>
}

const anyBody = { ...sampleCheck().expect.body, maxBytes: 65_536 }

/** An order for one probe of such a target; it is the farm's balancer unless the wish says otherwise. */
export function orderFor(wish: Wish): Order {
  const { port, warming, duration } = wish
  const scheme = wish.target?.scheme ?? 'http'
  const place = { scheme, host: '127.0.0.1', port }
  const target = sampleNode('balancer', { role: 'balancer', ...place, ...wish.target })
  const expect: Expectations = {
    status: wish.status ?? [[200, 399]],
    headers: wish.headers ?? [],
    body: { ...anyBody, ...wish.body },
    ...(warming && { warming }),
    ...(duration !== undefined && { durationMs: duration }),
  }
  const check = sampleCheck({ timeoutMs: 5000, cacheBust: false, ...wish.check, expect })
  const farm = sampleFarm({ balancer: target, nodes: [], checks: [check], ...wish.farm })
  const site: Site = { ...farm.site, scheme, port: scheme === 'https' ? 443 : 80, ...wish.site }
  return { farm: { ...farm, site }, check, target, lane: 'tick', slotMs: 1_000_000, lagMs: 2 }
}

/** A prober with the real clock and ids `probe-1`, `probe-2`, …. */
export function startProber(options: Partial<ProbeOptions> = {}): Prober {
  let count = 0
  return createProbe({ clock: systemClock, newId: () => `probe-${++count}`, ...options })
}

export const never: AbortSignal = new AbortController().signal

/** One probe by a prober of its own. */
export async function probeOnce(wish: Wish, options: Partial<ProbeOptions> = {}): Promise<Outcome> {
  const prober = startProber(options)
  const outcome = await prober.probe(orderFor(wish), never)
  await prober.close()
  return outcome
}
