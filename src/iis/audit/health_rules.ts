/** Whether ARR notices which of its servers are cold or down. */
import { formatDuration } from '../../runtime/duration.ts'
import { quoted } from '../read/remark.ts'
import type { WebFarm } from '../read/web_farm.ts'
import type { Rule } from './finding.ts'
import { farmThing, inUse, onFarms, settingFound } from './scope.ts'

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

const minServersAll: Rule = {
  id: 'arr-min-servers-all',
  severity: 'warning',
  todo: 'let the health check take a cold server out',
  title: 'A web farm whose health check can take no server out',
  meaning: 'ARR keeps as many servers in rotation as there are, so users are sent to cold and dead ones.',
  look: onFarms((farm) => {
    const { minServers } = farm.health
    const { length } = inUse(farm)
    const what = `minServers is ${minServers.value}, and ${length} servers are enabled`
    return (
      length > 1 && minServers.value >= length && settingFound(farmThing(farm), minServers, '1', { what })
    )
  }),
}

const slowHealth: Rule = {
  id: 'arr-health-slow',
  severity: 'warning',
  todo: 'check the health of servers more often',
  title: 'A health check that comes late',
  meaning: 'Until the next check users are sent to a server that is down or still starting.',
  look: onFarms((farm) => {
    const { intervalMs, url } = farm.health
    const what = `healthCheck asks every ${formatDuration(intervalMs.value)}`
    return (
      url.value !== '' &&
      intervalMs.value > 60_000 &&
      settingFound(farmThing(farm), intervalMs, '00:00:30', { what })
    )
  }),
}

const acceptsErrors: Rule = {
  id: 'arr-health-accepts-errors',
  severity: 'warning',
  todo: 'let the health check refuse error pages',
  title: 'A health check that takes an error for health',
  meaning: 'A server that answers every user with an error stays in rotation.',
  look: onFarms((farm) => {
    const { statusCodes, url } = farm.health
    const what = `healthCheck accepts the status codes ${quoted(statusCodes.value)}`
    return (
      url.value !== '' &&
      takesErrors(statusCodes.value) &&
      settingFound(farmThing(farm), statusCodes, '200-399', { what })
    )
  }),
}

/** `200-599`, `500`, `200-`: is a status of 400 or more among them? */
const takesErrors = (written: string) =>
  written.split(',').some((range) => {
    const [low = '', high = low] = range.split('-').map((end) => end.trim())
    return Number(high === '' ? 999 : high) >= 400 || Number(low) >= 400
  })

export const healthRules: readonly Rule[] = [
  healthMissing,
  healthStatic,
  healthMatchesNothing,
  minServersZero,
  minServersAll,
  slowHealth,
  acceptsErrors,
]
