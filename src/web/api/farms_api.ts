import { hostPort, siteUrl } from '../../addresses/host_port.ts'
import type { Readings } from '../../detect/monitor.ts'
import { type Verdict, verdicts } from '../../model/event.ts'
import { type Check, type Farm, namesNodes, type Target } from '../../model/farm.ts'
import { seriesKey } from '../../model/outcome.ts'
import { oneAtATime } from '../../runtime/one_at_a_time.ts'
import { rounded } from '../live/brief_probe.ts'
import type { Ports } from '../web_ports.ts'
import { type Route, readRoute, type Service } from './route.ts'
import type { Answer } from './schemas.ts'

export const farmsApi: Route = readRoute({
  path: '/api/v1/farms',
  summary: 'Every farm, and its present state.',
  parameters: {},
  schema: 'farms',
  answer(_given, service) {
    let make = makers.get(service.ports)
    if (make === undefined) makers.set(service.ports, (make = textMaker(service)))
    return make()
  },
})

/** One for each service: all who wait get the same answer. */
const makers = new WeakMap<Ports, () => Promise<string>>()

/** Of thousands of nodes an answer takes a long time; as much of it is left to others before the next one. */
function textMaker({ ports, version, clock }: Service): () => Promise<string> {
  let readyMs = 0
  return oneAtATime(async () => {
    const restMs = readyMs - clock.monotonicMs()
    if (restMs > 0) await new Promise<void>((resolve) => clock.after(restMs, resolve))
    const oldestMs = await ports.history().oldestMs()
    const startMs = clock.monotonicMs()
    const text = JSON.stringify(farmsView({ ports, version, nowMs: clock.wallMs() }, oldestMs))
    readyMs = 2 * clock.monotonicMs() - startMs
    return text
  })
}

const farmsView = ({ ports, version, nowMs }: Omit<Service, 'clock'>, oldestMs: number): Answer<'farms'> => ({
  version,
  shard: ports.shard ?? null,
  nowMs,
  history: { kind: ports.history().kind, oldestMs: Math.min(nowMs, oldestMs) },
  changesAllowed: ports.mark !== undefined,
  farms: ports.farms().map((farm) => farmView(farm, ports)),
})

function farmView(farm: Farm, ports: Ports) {
  const {
    baselines = [],
    verdicts = [],
    openOutages = [],
    lastRecycles = [],
    links = [],
  } = ports.readings(farm.name) ?? {}
  const view = targetView(farm, ports, {
    baselines: new Map(baselines.map((each) => [seriesKey(each.target, each.check), each])),
    outages: new Map(openOutages.map((each) => [seriesKey(each.target, each.check), each.openedMs])),
    recycles: new Map(lastRecycles.map(({ target, atMs }) => [target, atMs])),
    links: new Map(links.map((each) => [each.target, each])),
  })
  const { affinity } = farm
  return {
    name: farm.name,
    url: siteUrl(farm.site),
    verdict: worst(verdicts.map(({ verdict }) => verdict)),
    maintenance: ports.inMaintenance(farm.name),
    affinity:
      affinity === undefined
        ? null
        : { cookie: affinity.cookie, named: namesNodes(farm), known: links.length },
    targets: [farm.balancer, ...farm.nodes].map(view),
    checks: farm.checks.map((check) => {
      const { verdict = null, sinceMs = null } = verdicts.find((each) => each.check === check.name) ?? {}
      return { ...checkView(check), verdict, verdictSinceMs: verdict === null ? null : sinceMs }
    }),
  }
}

/** A query may hold a token: the path is shown without it. */
const checkView = ({ name, method, path, schedule, timeoutMs, targets, canary }: Check) => ({
  name,
  method,
  path: path.replace(/[?#].*$/s, ''),
  schedule,
  timeoutMs,
  targets,
  canary,
})

/** The worst verdict of all checks; null until the first tick has been judged. */
const worst = (present: readonly (Verdict | undefined)[]): Verdict | null =>
  verdicts.findLast((verdict) => present.includes(verdict)) ?? null

/** The readings of a farm, by target or by target and check: a farm may have thousands of them. */
interface Lookup {
  readonly baselines: ReadonlyMap<string, Readings['baselines'][number]>
  readonly outages: ReadonlyMap<string, number>
  readonly recycles: ReadonlyMap<string, number>
  readonly links: ReadonlyMap<string, Readings['links'][number]>
}

const targetView =
  (whole: Farm, ports: Ports, { baselines, outages, recycles, links }: Lookup) =>
  (target: Target) => ({
    role: target.role,
    target: target.name,
    scheme: target.scheme,
    address: hostPort(target),
    lastRecycleMs: recycles.get(target.name) ?? null,
    crosscheck: crosscheckView(whole.name, target, ports),
    through: throughView(whole, target, links),
    checks: whole.checks
      .filter(({ targets }) => targets.includes(target.role))
      .map(({ name: check }) => {
        const key = seriesKey(target.name, check)
        const baseline = baselines.get(key)
        return {
          check,
          baselineMs: baseline ? rounded(baseline.baselineMs) : null,
          highMs: baseline ? rounded(baseline.highMs) : null,
          outageSinceMs: outages.get(key) ?? null,
          last: ports.live.recent.last({ farm: whole.name, target: target.name, check }) ?? null,
        }
      }),
  })

function throughView(farm: Farm, { role, name }: Target, links: Lookup['links']) {
  if (role !== 'node' || farm.affinity === undefined || !namesNodes(farm)) return null
  const { state, okMs, sinceMs } = links.get(name) ?? { state: 'unknown' as const, okMs: null, sinceMs: null }
  return { state, okMs, sinceMs }
}

function crosscheckView(farm: string, { name }: Target, ports: Ports) {
  const standing = ports.crosscheck(farm, name)
  if (standing === undefined) return null
  const { exporter, was = null, up = null, detail, readMs = null } = standing
  const pools = [...standing.pools].map(([pool, { state = null, workers = null }]) => ({
    pool,
    state,
    workers,
  }))
  return { exporter, up, detail, readMs, pools, was }
}
