import type { Place } from '../../model/place.ts'
import { count, flag, port, text, timeSpan } from './kinds.ts'
import { collected } from './locations.ts'
import type { Server } from './server.ts'
import type { Setting } from './setting.ts'
import { textOf, type XmlElement } from './xml_element.ts'

/** A server farm of Application Request Routing (ARR); times in milliseconds. */
export type WebFarm = ReturnType<typeof readWebFarm>

export type HealthCheck = WebFarm['health']

export interface FarmServer {
  readonly address: string
  readonly place: Place
  readonly enabled: Setting<boolean>
  readonly httpPort: Setting<number>
  readonly httpsPort: Setting<number>
}

/** Every server farm, whether enabled or not. */
export function readWebFarms(server: Server): WebFarm[] {
  const { find, remark } = server
  for (const { place } of find('system.webServer/webFarms', ''))
    remark({ place, message: 'webFarms inside system.webServer; IIS knows it beside system.webServer only' })
  return collected(find('webFarms', ''), { add: 'webFarm', key: 'name' }).map((element) =>
    readWebFarm(element, server),
  )
}

function readWebFarm(element: XmlElement, server: Server) {
  const { place } = element
  const read = server.settingsOf({ own: [element], place })
  const arr = 'applicationRequestRouting'
  return {
    name: textOf(element, 'name'),
    place,
    enabled: read('enabled', flag, true),
    servers: collected([element], { add: 'server', key: 'address' }).flatMap((each) =>
      readFarmServer(each, server),
    ),
    /** ARR answers 502 itself after this time. */
    timeoutMs: read(`${arr}.protocol.timeout`, timeSpan, 30_000),
    keepAlive: read(`${arr}.protocol.keepAlive`, flag, true),
    preserveHostHeader: read(`${arr}.protocol.preserveHostHeader`, flag, true),
    /** What the servers get as Host when that of the user is not kept; empty for their own names. */
    alternateHostName: read(`${arr}.protocol.alternateHostName`, text, ''),
    algorithm: read(`${arr}.loadBalancing.algorithm`, text, 'WeightedRoundRobin'),
    cacheEnabled: read(`${arr}.protocol.cache.enabled`, flag, true),
    health: {
      /** Empty: no health check. */
      url: read(`${arr}.healthCheck.url`, text, ''),
      intervalMs: read(`${arr}.healthCheck.interval`, timeSpan, 30_000),
      timeoutMs: read(`${arr}.healthCheck.timeout`, timeSpan, 30_000),
      statusCodes: read(`${arr}.healthCheck.statusCodeMatch`, text, '200-399'),
      /** Empty: any body is accepted. */
      responseMatch: read(`${arr}.healthCheck.responseMatch`, text, ''),
      minServers: read(`${arr}.healthCheck.minServers`, count, 0),
    },
    usesCookie: read(`${arr}.affinity.useCookie`, flag, false),
    cookieName: read(`${arr}.affinity.cookieName`, text, 'ARRAffinity'),
  }
}

function readFarmServer(element: XmlElement, { remark, settingsOf }: Server): FarmServer[] {
  const { place } = element
  const address = textOf(element, 'address').trim()
  if (address === '') {
    remark({ place, message: 'a server without an address; write address="10.0.0.11" or a host name' })
    return []
  }
  const read = settingsOf({ own: [element], place })
  return [
    {
      address,
      place,
      enabled: read('enabled', flag, true),
      httpPort: read('applicationRequestRouting.httpPort', port, 80),
      httpsPort: read('applicationRequestRouting.httpsPort', port, 443),
    },
  ]
}
