/** Whether ARR waits long enough, and reaches a node that answers. */
import { formatDuration } from '../../runtime/duration.ts'
import { type Route, routesOf, schemeOf } from '../read/arr_routes.ts'
import { timeSpan } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/remark.ts'
import { originText, type Setting } from '../read/setting.ts'
import type { WebFarm } from '../read/web_farm.ts'
import { byHand, enableServer, together } from './cure_commands.ts'
import type { Found, Rule } from './finding.ts'
import { proxyTimeoutFound } from './route_rules.ts'
import {
  farmThing,
  frontPools,
  inUse,
  isNode,
  nodeSites,
  onFarms,
  poolThing,
  settingFound,
  siteThing,
  usedPools,
} from './scope.ts'

interface Start {
  readonly ms: number
  /** The setting that it comes from. */
  readonly who: string
}

/** IIS's own limit, when no file of a node is given. */
const standardStart: Start = { ms: 90_000, who: "IIS's default start-up limit" }

const timeoutBelowStart: Rule = {
  id: 'arr-timeout-below-start',
  severity: 'error',
  todo: 'let ARR wait longer than a worker takes to start',
  title: 'ARR times out before a worker can have started',
  meaning: 'A user who reaches a cold node gets a 502 from the balancer while the node is still starting.',
  look(machines) {
    const start = slowestStart(machines)
    const words = (setting: Setting<number>) =>
      `ARR answers 502 after ${formatDuration(setting.value)}${originText(setting)}, and a worker may take ` +
      `${formatDuration(start.ms)} to start (${start.who})`
    const ofFarms = onFarms((farm) => {
      if (farm.timeoutMs.value >= start.ms) return false
      const right = timeSpan.write(Math.max(start.ms, 120_000))
      return settingFound(farmThing(farm), farm.timeoutMs, right, { what: words(farm.timeoutMs) })
    })
    const ofProxies = machines.flatMap((machine) =>
      proxyTimeoutFound(machine, start.ms, words(machine.proxy.timeoutMs)),
    )
    return [...ofFarms(machines), ...ofProxies]
  },
}

/** The longest that any node may take to start: its worker, or the ASP.NET Core application in it. */
function slowestStart(machines: readonly Machine[]): Start {
  const pools = machines.flatMap(usedPools).map(({ pool }) => ({
    ms: pool.startupTimeLimitMs.value,
    who: `startupTimeLimit of ${poolThing(pool).subject}`,
  }))
  const cores = machines.flatMap(({ warmups }) =>
    [...warmups].flatMap(([id, { core }]) => {
      const who = `startupTimeLimit of ASP.NET Core in ${quoted(id)}`
      return core === undefined ? [] : [{ ms: core.startMs.value, who }]
    }),
  )
  const [slowest] = [...pools, ...cores].sort((a, b) => b.ms - a.ms)
  return slowest ?? standardStart
}

const singleServer: Rule = {
  id: 'arr-single-server',
  severity: 'warning',
  todo: 'enable a second server',
  title: 'A web farm with one server in use',
  meaning: 'While it starts cold or is down, no other one takes over: every user waits, or gets a 502.',
  look: onFarms((farm) => {
    const [first, ...others] = inUse(farm)
    if (first === undefined || others.length > 0) return false
    const off = farm.servers.filter(({ enabled }) => !enabled.value)
    return {
      place: farm.place,
      subject: farmThing(farm).subject,
      what: `${quoted(first.address)} is its only enabled server`,
      mend:
        off.length === 0
          ? byHand('add a second server to the farm')
          : together(off.map(({ address }) => enableServer(farm.name, address))),
    }
  }),
}

const algorithm: Rule = {
  id: 'arr-algorithm-unsupported',
  severity: 'note',
  todo: 'name the algorithm that ARR uses',
  title: 'A way of balancing that ARR no longer knows',
  meaning: 'ARR silently uses weighted round robin: a slow or cold server gets as many users as the others.',
  look: onFarms((farm) => {
    const isKnown = ['WeightedRoundRobin', 'RequestHash'].includes(farm.algorithm.value)
    return !isKnown && settingFound(farmThing(farm), farm.algorithm, 'WeightedRoundRobin')
  }),
}

const manyWorkers: Rule = {
  id: 'arr-several-workers',
  severity: 'note',
  todo: 'run ARR in one pool',
  title: 'ARR in several pools',
  meaning:
    'Each worker of ARR checks every server by itself: the nodes get bursts of health checks, and the workers disagree.',
  look: (machines) =>
    machines.flatMap((machine): Found[] => {
      const [first, ...others] = frontPools(machine).map(({ pool }) => pool)
      const isChecked = machine.farms.some(({ enabled, health }) => enabled.value && health.url.value !== '')
      if (first === undefined || others.length === 0 || !isChecked) return []
      const what = `the sites whose requests ARR passes on are in ${others.length + 1} pools`
      return [
        {
          place: first.place,
          subject: poolThing(first).subject,
          what,
          mend: byHand('put these sites into one pool'),
        },
      ]
    }),
}

const sniMismatch: Rule = {
  id: 'arr-sni-mismatch',
  severity: 'error',
  todo: 'let nodes answer TLS for the name that ARR asks for',
  title: 'Nodes that answer TLS only for a name that ARR does not send',
  meaning:
    'ARR reaches a server by its address; a node without a binding for it ends the handshake: 502.3.12175.',
  look: (machines) =>
    machines.flatMap(({ farms, routes }) =>
      farms
        .filter((farm) => farm.enabled.value && schemeOf(farm, routes) === 'https')
        .flatMap((farm) => sniMismatches(farm, routesOf(farm, routes), machines.filter(isNode))),
    ),
}

/** The nodes are those with a site for the hosts of the farm. */
function sniMismatches(farm: WebFarm, routes: readonly Route[], nodes: readonly Machine[]): Found[] {
  const hosts = routes.flatMap((route) => route.hosts)
  const names = inUse(farm).map(({ address }) => address.toLowerCase())
  const ports = new Set(inUse(farm).map(({ httpsPort }) => httpsPort.value))
  return nodes.flatMap((node) => {
    const tls = nodeSites(node).flatMap((site) =>
      site.bindings
        .filter(
          ({ scheme, ip, port, host }) =>
            scheme === 'https' &&
            ports.has(port) &&
            ['', ...names].includes(ip) &&
            (hosts.length === 0 || ['', ...names, ...hosts].includes(host)),
        )
        .map((binding) => ({ site, binding })),
    )
    const [first] = tls
    if (first === undefined) return []
    if (tls.some(({ binding: { needsSni, host } }) => !needsSni || names.includes(host))) return []
    const what = `all its https bindings need SNI, and none is for ${names.map(quoted).join(' or ')}, as ARR names its servers`
    const mend = byHand(
      'add an https binding without SNI (sslFlags 0) and without a host name, or give it the name of the server',
    )
    return [{ place: first.binding.place, subject: siteThing(first.site).subject, what, mend }]
  })
}

const cacheOn: Rule = {
  id: 'arr-cache',
  severity: 'warning',
  todo: "switch ARR's cache off",
  title: 'ARR may answer from its cache',
  meaning:
    'Users and probes can be answered without any node, even with another query string, so a dead farm looks alive ' +
    'and a cold one warm.',
  look: onFarms((farm) => {
    const what = `the cache of the farm is on${originText(farm.cacheEnabled)}`
    const note = 'or keep the cache, and have every page that is probed answer with Cache-Control: no-store'
    const { cacheEnabled } = farm
    return cacheEnabled.value && settingFound(farmThing(farm), cacheEnabled, 'false', { what, note })
  }),
}

export const farmRules: readonly Rule[] = [
  timeoutBelowStart,
  sniMismatch,
  singleServer,
  cacheOn,
  algorithm,
  manyWorkers,
]
