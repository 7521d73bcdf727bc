/** Whether ARR waits long enough, and notices which node is cold. */
import { formatDuration } from '../../runtime/duration.ts'
import { timeSpan } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/remark.ts'
import { originText } from '../read/setting.ts'
import type { WebFarm } from '../read/web_farm.ts'
import type { Rule } from './finding.ts'
import { farmThing, isNode, onFarms, poolThing, settingFound, usedPools } from './scope.ts'

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
    return onFarms((farm) => {
      const { value } = farm.timeoutMs
      if (value >= start.ms) return false
      const what =
        `ARR answers 502 after ${formatDuration(value)}${originText(farm.timeoutMs)}, and a worker may take ` +
        `${formatDuration(start.ms)} to start (${start.who})`
      const right = timeSpan.write(Math.max(start.ms, 120_000))
      return settingFound(farmThing(farm), farm.timeoutMs, right, { what })
    })(machines)
  },
}

/** The longest that any node may take to start: its worker, or the ASP.NET Core application in it. */
function slowestStart(machines: readonly Machine[]): Start {
  const nodes = machines.filter(isNode)
  const pools = nodes.flatMap(usedPools).map(({ pool }) => ({
    ms: pool.startupTimeLimitMs.value,
    who: `startupTimeLimit of ${poolThing(pool).subject}`,
  }))
  const cores = nodes.flatMap(({ warmups }) =>
    [...warmups].flatMap(([id, { core }]) => ({
      ms: core?.startMs.value ?? 0,
      who: `startupTimeLimit of ASP.NET Core in ${quoted(id)}`,
    })),
  )
  const [slowest] = [...pools, ...cores].sort((a, b) => b.ms - a.ms)
  return slowest ?? standardStart
}

const healthUrlFound = (farm: WebFarm, what: string) =>
  settingFound(farmThing(farm), farm.health.url, healthUrl(farm), {
    what,
    note: 'replace /health by a page that runs the application and what it depends on',
  })

const healthMissing: Rule = {
  id: 'arr-health-missing',
  severity: 'warning',
  todo: 'give each web farm a health check',
  title: 'A web farm without a health check',
  meaning: 'ARR sends users to a server that is down or still starting, until enough of them have failed.',
  look: onFarms((farm) => farm.health.url.value === '' && healthUrlFound(farm, 'healthCheck has no url')),
}

const healthStatic: Rule = {
  id: 'arr-health-static',
  severity: 'warning',
  todo: 'let the health check ask for a page of the application',
  title: 'A health check that requests a static file',
  meaning: 'IIS serves the file while the application is cold or broken, so ARR keeps sending users there.',
  look: onFarms((farm) => {
    const { value } = farm.health.url
    return isStatic(value) && healthUrlFound(farm, `healthCheck asks for ${quoted(value)}`)
  }),
}

const staticExtensions =
  /\.(?:txt|html?|css|js|mjs|json|xml|ico|gif|png|jpe?g|svg|webp|woff2?|ttf|eot|map|pdf|zip|mp4)$/i

/** Is this the URL or path of a file that IIS serves itself, going by its name? */
export function isStatic(url: string): boolean {
  const [path = ''] = url.split(/[?#]/)
  return staticExtensions.test(path.replace(/^https?:\/\/[^/]*/i, ''))
}

/** The host that ARR asks with now, else the name of the farm, which ARR knows to be its servers. */
function healthUrl({ name, health: { url } }: WebFarm): string {
  const known = URL.parse(url.value)
  const host = known !== null && /^https?:$/.test(known.protocol) ? known.host : name
  return `http://${host}/health`
}

const healthMatchesNothing: Rule = {
  id: 'arr-health-no-match',
  severity: 'warning',
  todo: 'let the health check look for words of a working page',
  title: 'A health check that accepts any page',
  meaning:
    'A splash page, an empty page or an error page with a 200 counts as healthy, and users are sent there.',
  look: onFarms((farm) => {
    const { url, responseMatch } = farm.health
    if (url.value === '' || responseMatch.value !== '') return false
    return settingFound(farmThing(farm), responseMatch, 'TEXT-OF-A-WORKING-PAGE', {
      what: 'healthCheck has no responseMatch',
      note: 'replace TEXT-OF-A-WORKING-PAGE by words that the page contains on every working server; otherwise all servers count as down',
    })
  }),
}

const minServersZero: Rule = {
  id: 'arr-min-servers-zero',
  severity: 'warning',
  todo: 'let ARR keep at least one server whatever its health check says',
  title: 'A web farm that may take all its servers out of rotation',
  meaning:
    'When the health check fails on all servers at once, every user gets a 502.4, even if the servers still answer.',
  look: onFarms((farm) => {
    const { minServers } = farm.health
    return minServers.value === 0 && settingFound(farmThing(farm), minServers, '1')
  }),
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
  healthMissing,
  healthStatic,
  healthMatchesNothing,
  minServersZero,
  cacheOn,
]
