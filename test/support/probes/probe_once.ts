import type { Check, Expectations, Farm, Site, Target } from '../../../src/model/farm.ts'
import type { Order, Outcome } from '../../../src/model/outcome.ts'
import { createProbe, type ProbeOptions, type Prober } from '../../../src/probe/probe.ts'
import { systemClock } from '../../../src/runtime/clock.ts'

/** What a test wants to be different from a plain GET of a plain HTTP target on 127.0.0.1. */
export interface Wish {
  readonly port: number
  readonly check?: Partial<Check>
  readonly status?: Expectations['status']
  readonly body?: Partial<Expectations['body']>
  readonly headers?: Expectations['headers']
  readonly warming?: Expectations['warming']
  readonly farm?: Partial<Farm>
  readonly site?: Partial<Site>
  readonly target?: Partial<Target>
}

const plainCheck: Omit<Check, 'expect'> = {
  name: 'home',
  path: '/',
  method: 'GET',
  headers: [],
  tls: { insecure: false, minVersion: 'TLSv1.2' },
  schedule: { kind: 'interval', intervalMs: 5000 },
  timeoutMs: 5000,
  overlap: 4,
  connection: 'fresh',
  cacheBust: false,
  redirects: 'none',
  targets: ['balancer', 'node'],
  canary: false,
}

const anyBody = { contains: [], notContains: [], match: [], notMatch: [], minBytes: 0, maxBytes: 65_536 }

/** An order for one probe of such a target; it is the farm's balancer unless the wish says otherwise. */
export function orderFor(wish: Wish): Order {
  const { port, warming } = wish
  const scheme = wish.target?.scheme ?? 'http'
  const target: Target = {
    role: 'balancer',
    name: 'balancer',
    scheme,
    host: '127.0.0.1',
    port,
    ...wish.target,
  }
  const expect: Expectations = {
    status: wish.status ?? [[200, 399]],
    headers: wish.headers ?? [],
    body: { ...anyBody, ...wish.body },
    ...(warming && { warming }),
  }
  const check: Check = { ...plainCheck, ...wish.check, expect }
  const site: Site = {
    scheme,
    hostname: 'intranet.example.org',
    port: scheme === 'https' ? 443 : 80,
    ...wish.site,
  }
  const farm: Farm = {
    name: 'intranet',
    site,
    balancer: target,
    nodes: [],
    checks: [check],
    maintenance: [],
    ...wish.farm,
  }
  return { farm, check, target, lane: 'tick', slotMs: 1_000_000, lagMs: 2 }
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
