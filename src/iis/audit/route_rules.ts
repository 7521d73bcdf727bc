/** Whether the rules that send requests on reach a server. */
import { type Route, routesOf } from '../read/arr_routes.ts'
import { timeSpan } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { farmMeant } from '../read/proxy.ts'
import { quoted } from '../read/remark.ts'
import type { WebFarm } from '../read/web_farm.ts'
import { isSame } from '../read/xml_element.ts'
import { theServer } from './command_text.ts'
import { byHand, setFarm, together } from './cure_commands.ts'
import type { Found, Rule } from './finding.ts'
import type { Thing } from './scope.ts'
import { setRule, setSection } from './section_commands.ts'

const subjectOf = ({ rule }: Route) => `rewrite rule ${quoted(rule)}`

const isReady = ({ enabled, servers }: WebFarm) =>
  enabled.value && servers.some((server) => server.enabled.value)

const farmOff: Rule = {
  id: 'route-to-disabled-farm',
  severity: 'error',
  todo: 'enable the web farms that rules send to',
  title: 'A rewrite rule that sends to a web farm without a server in use',
  meaning: 'Every request that the rule takes fails.',
  look: (machines) =>
    machines.flatMap(({ farms, routes }) =>
      farms
        .filter((farm) => !isReady(farm))
        .flatMap((farm) =>
          routesOf(farm, routes).map((route) => ({
            place: farm.enabled.value ? farm.place : farm.enabled.place,
            subject: subjectOf(route),
            what: `it sends to the web farm ${quoted(farm.name)}, ${whyNotReady(farm)}`,
            mend: farm.enabled.value
              ? byHand('enable a server of the farm, or the rule must send elsewhere')
              : setFarm(farm.name, { setting: 'enabled', value: 'true' }),
          })),
        ),
    ),
}

function whyNotReady({ enabled, servers }: WebFarm): string {
  if (!enabled.value) return 'which is disabled'
  return servers.length === 0 ? 'which has no server' : 'whose servers are all disabled'
}

const misspelt: Rule = {
  id: 'route-misspelt',
  severity: 'error',
  todo: 'correct the name of the web farm in the rule',
  title: 'A rewrite rule that names no web farm, but nearly does',
  meaning:
    'ARR takes the name for that of a server, which does not exist: every request that the rule takes fails.',
  look: (machines) =>
    machines.flatMap(({ farms, routes }) =>
      routes.flatMap((route): Found[] => {
        const meant = farmMeant(route, farms)
        if (!route.isEnabled || meant === undefined || isSame(meant.name, route.farm)) return []
        return [
          {
            place: route.place,
            subject: subjectOf(route),
            what: `it sends to ${quoted(route.farm)}, and the web farm is named ${quoted(meant.name)}`,
            mend: byHand(`write ${meant.name} in the url of the rule's action`),
          },
        ]
      }),
    ),
}

const disabled: Rule = {
  id: 'route-disabled',
  severity: 'warning',
  todo: 'enable the rule that sends to the web farm',
  title: 'A web farm that only a disabled rule sends to',
  meaning: 'No request reaches the farm: this server answers users itself, or with an error.',
  look: (machines) =>
    machines.flatMap(({ farms, routes }) =>
      farms.filter(isReady).flatMap((farm): Found[] => {
        const route = routes.find(({ farm: name, isEnabled }) => !isEnabled && isSame(name, farm.name))
        if (route === undefined || routesOf(farm, routes).length > 0) return []
        const { rule, section, where, place } = route
        return [
          {
            place,
            subject: subjectOf(route),
            what: `it is disabled, and no other rule sends to the web farm ${quoted(farm.name)}`,
            mend: setRule(rule, section, where, { setting: 'enabled', value: 'true' }),
          },
        ]
      }),
    ),
}

/** ARR as a plain reverse proxy. */
const proxyThing: Thing = {
  subject: "ARR's proxy",
  set: (setting, value) => setSection(theServer, 'system.webServer/proxy', { setting, value }),
}

const proxyOff: Rule = {
  id: 'proxy-off',
  severity: 'error',
  todo: 'enable the proxy of ARR',
  title: 'A rewrite rule that sends to another server while the proxy of ARR is off',
  meaning: 'IIS forwards nothing: every request that the rule takes is answered 404.',
  look: (machines) =>
    machines.flatMap(({ proxy: { enabled, servers } }) =>
      servers
        .slice(0, enabled.value ? 0 : 1)
        .flatMap(({ routes }) => routes.slice(0, 1))
        .map((route) => ({
          place: enabled.from === 'own' ? enabled.place : route.place,
          subject: subjectOf(route),
          what: `it sends to ${quoted(route.farm)}, and the proxy of ARR is not enabled`,
          mend: together([
            proxyThing.set('enabled', 'true'),
            byHand('the proxy is part of Application Request Routing, which has to be installed'),
          ]),
        })),
    ),
}

/** The time-out of ARR without a web farm, when it is shorter than a start. */
export function proxyTimeoutFound({ proxy }: Machine, startMs: number, what: string): Found[] {
  const { timeoutMs, servers } = proxy
  if (servers.length === 0 || timeoutMs.value >= startMs) return []
  const right = timeSpan.write(Math.max(startMs, 120_000))
  return [
    { place: timeoutMs.place, subject: proxyThing.subject, what, mend: proxyThing.set('timeout', right) },
  ]
}

export const routeRules: readonly Rule[] = [farmOff, misspelt, proxyOff, disabled]
