/** The farm of the tests: one builder each for a check, a node, a farm and an outcome; a test states only what differs. */
import { standardCheck } from '../../../src/config/farm/build_check.ts'
import type { Check, Farm, Target } from '../../../src/model/farm.ts'
import type { Outcome } from '../../../src/model/outcome.ts'

/** A check with the defaults that are built in, every 5 s, without bursts. */
export const sampleCheck = (changes: Partial<Check> = {}): Check => ({ ...standardCheck, ...changes })

/** The setting of a check that is probed at this interval. */
export const every = (intervalMs: number) => ({ schedule: { kind: 'interval', intervalMs } }) as const

export function sampleNode(name: string, changes: Partial<Target> = {}): Target {
  return { role: 'node', name, scheme: 'https', host: '10.0.0.11', port: 443, ...changes }
}

/** A farm of one balancer, the nodes named, and one check. */
export function sampleFarm(changes: Partial<Farm> = {}, nodes: readonly string[] = ['web01', 'web02']): Farm {
  return {
    name: 'intranet',
    site: { scheme: 'https', hostname: 'intranet.example.org', port: 443 },
    balancer: { role: 'balancer', name: 'balancer', scheme: 'https', host: '10.0.0.5', port: 443 },
    nodes: nodes.map((name, i) => sampleNode(name, { host: `10.0.0.${11 + i}` })),
    checks: [sampleCheck()],
    maintenance: [],
    ...changes,
  }
}

/** What a probe of web01 of that farm yields when all is well. */
export function sampleOutcome(changes: Partial<Outcome> = {}): Outcome {
  return {
    farm: 'intranet',
    role: 'node',
    target: 'web01',
    check: 'home',
    id: 'probe-1',
    lane: 'tick',
    slotMs: 1_000_000,
    startedMs: 1_000_000,
    lagMs: 0,
    latenessMs: 0,
    reason: 'ok',
    detail: '',
    status: 200,
    phaseMs: { resolve: 0, connect: 1, tls: 2, request: 0.5, wait: 40, transfer: 1.5 },
    firstByteMs: 40,
    totalMs: 45,
    address: '10.0.0.11:443',
    bodyBytes: 10,
    ...changes,
  }
}
