/** Whether ARR is patient and sees which node is cold. */
import { formatDuration } from '../../runtime/duration.ts'
import { timeSpanText } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/printable.ts'
import { originText } from '../read/setting.ts'
import type { WebFarm } from '../read/web_farm.ts'
import { setFarm, withNote } from './cure_commands.ts'
import type { Found, Rule } from './finding.ts'
import { farmSubject, isBalancer, onFarms, poolSubject, usedPools } from './scope.ts'
import { isStatic } from './static_page.ts'

interface Start {
  readonly ms: number
  /** Which setting says so. */
  readonly who: string
}

/** What IIS gives a worker to start, when no file of a node says otherwise. */
const standardStart: Start = { ms: 90_000, who: "IIS's default start-up limit" }

const timeoutBelowStart: Rule = {
  id: 'arr-timeout-below-start',
  severity: 'error',
  title: 'ARR gives up before a worker may have started',
  meaning:
    'A user who comes to a cold node gets a 502 from the balancer, while the node goes on to start in peace.',
  look(machines) {
    const start = slowestStart(machines)
    return onFarms((farm) => tooImpatient(farm, start))(machines)
  },
}

function tooImpatient(farm: WebFarm, start: Start): Found[] {
  const { value, place } = farm.timeoutMs
  if (value >= start.ms) return []
  const timeout = timeSpanText(Math.max(start.ms, 120_000))
  return [
    {
      place,
      subject: farmSubject(farm),
      what:
        `ARR answers 502 after ${formatDuration(value)}${originText(farm.timeoutMs)}, and a worker may take ` +
        `${formatDuration(start.ms)} to start (${start.who})`,
      mend: setFarm(farm.name, { setting: 'applicationRequestRouting.protocol.timeout', value: timeout }),
    },
  ]
}

/** The longest that any node may take to start: its worker, or the ASP.NET Core application in it. */
function slowestStart(machines: readonly Machine[]): Start {
  const nodes = machines.filter((machine) => !isBalancer(machine))
  const pools = nodes.flatMap(usedPools).map(({ pool }) => ({
    ms: pool.startupTimeLimitMs.value,
    who: `startupTimeLimit of ${poolSubject(pool)}`,
  }))
  const cores = nodes.flatMap(({ warmups }) =>
    [...warmups].flatMap(([id, { coreStartMs }]) => ({
      ms: coreStartMs?.value ?? 0,
      who: `startupTimeLimit of ASP.NET Core in ${quoted(id)}`,
    })),
  )
  const [slowest] = [...pools, ...cores].sort((a, b) => b.ms - a.ms)
  return slowest ?? standardStart
}

const health = 'applicationRequestRouting.healthCheck'

const healthMissing: Rule = {
  id: 'arr-health-missing',
  severity: 'warning',
  title: 'A web farm whose servers are never asked how they are',
  meaning: 'ARR sends users to a server that is down or still starting, until enough of them have failed.',
  look: onFarms((farm) => {
    if (farm.health.url.value !== '') return []
    return [
      {
        place: farm.health.url.place,
        subject: farmSubject(farm),
        what: 'healthCheck has no url',
        mend: withNote(
          setFarm(farm.name, { setting: `${health}.url`, value: healthUrl(farm) }),
          'put a page in place of /health that runs the application and what it depends on',
        ),
      },
    ]
  }),
}

const healthStatic: Rule = {
  id: 'arr-health-static',
  severity: 'warning',
  title: 'A health check that asks for a static file',
  meaning:
    'IIS serves the file while the application is cold or broken, so that ARR goes on sending users there.',
  look: onFarms((farm) => {
    const { value, place } = farm.health.url
    if (!isStatic(value)) return []
    return [
      {
        place,
        subject: farmSubject(farm),
        what: `healthCheck asks for ${quoted(value)}`,
        mend: withNote(
          setFarm(farm.name, { setting: `${health}.url`, value: healthUrl(farm) }),
          'put a page in place of /health that runs the application and what it depends on',
        ),
      },
    ]
  }),
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
  title: 'A health check that takes any page',
  meaning:
    'A splash page, an empty page or an error page with a 200 counts as healthy, and users are sent there.',
  look: onFarms((farm) => {
    const { url, responseMatch } = farm.health
    if (url.value === '' || responseMatch.value !== '') return []
    return [
      {
        place: responseMatch.place,
        subject: farmSubject(farm),
        what: 'healthCheck has no responseMatch',
        mend: withNote(
          setFarm(farm.name, { setting: `${health}.responseMatch`, value: 'TEXT-OF-A-WORKING-PAGE' }),
          'put words in place of TEXT-OF-A-WORKING-PAGE that the page holds on every working server, or all count as down',
        ),
      },
    ]
  }),
}

const minServersZero: Rule = {
  id: 'arr-min-servers-zero',
  severity: 'warning',
  title: 'A web farm that may take all its servers out',
  meaning:
    'When the health check fails on all servers at once every user gets a 502.4, even if the servers still answer.',
  look: onFarms((farm) => {
    const { value, place } = farm.health.minServers
    if (value > 0) return []
    return [
      {
        place,
        subject: farmSubject(farm),
        what: `minServers is 0${originText(farm.health.minServers)}`,
        mend: setFarm(farm.name, { setting: `${health}.minServers`, value: '1' }),
      },
    ]
  }),
}

const cacheOn: Rule = {
  id: 'arr-cache',
  severity: 'warning',
  title: 'ARR may answer from its cache',
  meaning:
    'Users and probes can be answered without any node, even with another query string, so that a dead farm looks alive ' +
    'and a cold one warm.',
  look: onFarms((farm) => {
    if (!farm.cacheEnabled.value) return []
    return [
      {
        place: farm.cacheEnabled.place,
        subject: farmSubject(farm),
        what: `the cache of the farm is on${originText(farm.cacheEnabled)}`,
        mend: withNote(
          setFarm(farm.name, {
            setting: 'applicationRequestRouting.protocol.cache.enabled',
            value: 'false',
          }),
          'or keep the cache, and have every page that is probed answer with Cache-Control: no-store',
        ),
      },
    ]
  }),
}

/** Rules about web farms. */
export const farmRules: readonly Rule[] = [
  timeoutBelowStart,
  healthMissing,
  healthStatic,
  healthMatchesNothing,
  minServersZero,
  cacheOn,
]
