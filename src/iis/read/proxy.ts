/** ARR as a plain reverse proxy: rewrite rules that name a server, without a web farm. */
import { distance } from 'fastest-levenshtein'
import { standardPorts } from '../../addresses/host_port.ts'
import type { Scheme } from '../../model/farm.ts'
import { hostOfServer, type Route } from './arr_routes.ts'
import { flag, timeSpan } from './kinds.ts'
import type { Server } from './server.ts'
import type { WebFarm } from './web_farm.ts'
import { isSame } from './xml_element.ts'

/** A server that rules send to by its own name or address. */
export interface Proxied {
  readonly host: string
  readonly port: number
  readonly scheme: Scheme
  /** At least one. */
  readonly routes: readonly Route[]
}

/** What ARR does without a web farm, in `system.webServer/proxy`. */
export type Proxy = ReturnType<typeof readProxy>

export function readProxy({ find, settingsOf }: Server, routes: readonly Route[], farms: readonly WebFarm[]) {
  const own = find('system.webServer/proxy', '')
  const read = settingsOf({ own, place: own.at(-1)?.place ?? routes[0]?.place ?? noPlace })
  return {
    enabled: read('enabled', flag, false),
    /** ARR answers 502 itself after this time. */
    timeoutMs: read('timeout', timeSpan, 120_000),
    preserveHostHeader: read('preserveHostHeader', flag, false),
    servers: readProxied(routes, farms),
  }
}

const noPlace = { file: '', line: 0, column: 0 }

function readProxied(routes: readonly Route[], farms: readonly WebFarm[]): Proxied[] {
  const external = routes.filter((route) => route.isEnabled && farmMeant(route, farms) === undefined)
  const byServer = Map.groupBy(external, ({ farm, port, scheme }) =>
    JSON.stringify([farm.toLowerCase(), port ?? standardPorts[scheme], scheme]),
  )
  return [...byServer.values()].flatMap((own): Proxied[] => {
    const [first] = own
    if (first === undefined) return []
    const host = hostOfServer({ address: first.farm })
    if (host === undefined) return []
    return [{ host, port: first.port ?? standardPorts[first.scheme], scheme: first.scheme, routes: own }]
  })
}

/** The web farm that a rule names, or that its name is a misspelling of; undefined when it means another server. */
export function farmMeant({ farm, port }: Route, farms: readonly WebFarm[]): WebFarm | undefined {
  const named = farms.find(({ name }) => isSame(name, farm))
  if (named !== undefined) return named
  if (port !== undefined || /[.:]/.test(farm) || isSame(farm, 'localhost')) return undefined
  const near = (name: string) => distance(name.toLowerCase(), farm.toLowerCase())
  const [best] = farms.toSorted((a, b) => near(a.name) - near(b.name))
  return best !== undefined && near(best.name) <= Math.max(1, Math.floor(farm.length / 4)) ? best : undefined
}
