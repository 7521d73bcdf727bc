import { hostPort, siteUrl } from '../../addresses/host_port.ts'
import type { Readings } from '../../detect/monitor.ts'
import { type Verdict, verdicts } from '../../model/event.ts'
import { type Check, type Farm, type Target, targetsOf } from '../../model/farm.ts'
import { rounded } from '../live/brief_probe.ts'
import type { Ports } from '../web_ports.ts'
import { type Route, readRoute } from './route.ts'

export const farmsApi: Route = readRoute({
  path: '/api/v1/farms',
  summary: 'Every farm, and its present state.',
  parameters: {},
  schema: 'farms',
  async answer(_given, { ports, version, nowMs }) {
    const history = ports.history()
    return {
      version,
      shard: ports.shard ?? null,
      nowMs,
      history: { kind: history.kind, oldestMs: Math.min(nowMs, await history.oldestMs()) },
      changesAllowed: ports.mark !== undefined,
      farms: ports.farms().map((farm) => farmView(farm, ports)),
    }
  },
})

function farmView(farm: Farm, ports: Ports) {
  const readings = ports.readings(farm.name)
  return {
    name: farm.name,
    url: siteUrl(farm.site),
    verdict: worst(readings),
    maintenance: ports.inMaintenance(farm.name),
    targets: [farm.balancer, ...farm.nodes].map((target) => targetView(farm, target, ports, readings)),
    checks: farm.checks.map((check) => {
      const reading = readings?.verdicts.find((each) => each.check === check.name)
      const verdict = reading?.verdict ?? null
      return {
        ...checkView(check),
        verdict,
        verdictSinceMs: verdict === null ? null : (reading?.sinceMs ?? null),
      }
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
function worst(readings: Readings | undefined): Verdict | null {
  const present = readings?.verdicts.map(({ verdict }) => verdict) ?? []
  return verdicts.findLast((verdict) => present.includes(verdict)) ?? null
}

function targetView(farm: Farm, target: Target, ports: Ports, readings: Readings | undefined) {
  return {
    role: target.role,
    target: target.name,
    scheme: target.scheme,
    address: hostPort(target),
    lastRecycleMs: readings?.lastRecycles.find((each) => each.target === target.name)?.atMs ?? null,
    crosscheck: crosscheckView(farm, target, ports),
    checks: farm.checks
      .filter((check) => targetsOf(farm, check).includes(target))
      .map((check) => {
        const isThis = (each: { target: string; check: string }) =>
          each.target === target.name && each.check === check.name
        const baseline = readings?.baselines.find(isThis)
        return {
          check: check.name,
          baselineMs: baseline === undefined ? null : rounded(baseline.baselineMs),
          highMs: baseline === undefined ? null : rounded(baseline.highMs),
          outageSinceMs: readings?.openOutages.find(isThis)?.openedMs ?? null,
          last: ports.live.recent.last({ farm: farm.name, target: target.name, check: check.name }) ?? null,
        }
      }),
  }
}

function crosscheckView(farm: Farm, { name }: Target, ports: Ports) {
  const exporter = ports.exporter(farm.name, name)
  if (exporter === undefined) return null
  const { up = null, detail, readMs = null, pools } = exporter
  return {
    up,
    detail,
    readMs,
    pools: [...pools].map(([pool, { state, workers }]) => ({
      pool,
      state: state ?? null,
      workers: workers ?? null,
    })),
  }
}
