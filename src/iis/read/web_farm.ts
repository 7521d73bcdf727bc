import { count, flag, text, timeSpan } from './kinds.ts'
import { collected, type FindSection } from './locations.ts'
import type { Place, Remark } from './place.ts'
import { quoted } from './printable.ts'
import type { Setting, SettingReader } from './setting.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** A server farm of Application Request Routing; times in milliseconds. */
export interface WebFarm {
  readonly name: string
  readonly place: Place
  readonly enabled: Setting<boolean>
  readonly servers: readonly FarmServer[]
  /** After this ARR answers 502 in a node's place. */
  readonly timeoutMs: Setting<number>
  readonly preserveHostHeader: Setting<boolean>
  readonly cacheEnabled: Setting<boolean>
  readonly health: HealthCheck
  readonly usesCookie: Setting<boolean>
  readonly cookieName: Setting<string>
}

export interface HealthCheck {
  /** Empty when ARR asks for nothing. */
  readonly url: Setting<string>
  readonly intervalMs: Setting<number>
  readonly timeoutMs: Setting<number>
  readonly statusCodes: Setting<string>
  /** Empty when any body will do. */
  readonly responseMatch: Setting<string>
  readonly minServers: Setting<number>
}

export interface FarmServer {
  readonly address: string
  readonly place: Place
  readonly enabled: Setting<boolean>
  readonly httpPort: Setting<number>
  readonly httpsPort: Setting<number>
  /** Sent as Host in place of the address, when the farm does not pass on the user's. */
  readonly hostName: Setting<string>
}

/** Every server farm, whether enabled or not. */
export function readWebFarms(
  find: FindSection,
  read: SettingReader,
  remark: (remark: Remark) => void,
): WebFarm[] {
  for (const { place } of find('system.webServer/webFarms', ''))
    remark({ place, message: 'webFarms inside system.webServer; IIS knows it beside system.webServer only' })
  return collected(find('webFarms', ''), { add: 'webFarm', key: 'name' }).map((element) => {
    remarkMisplaced(element, remark)
    return readWebFarm(element, read, remark)
  })
}

/** Elements that guides write one level too high: ARR does not know them there. */
function remarkMisplaced(farm: XmlElement, remark: (remark: Remark) => void): void {
  for (const name of ['healthCheck', 'affinity', 'loadBalancing', 'protocol'])
    for (const { place } of within([farm], name))
      remark({ place, message: `${name} directly in webFarm; it belongs in applicationRequestRouting there` })
}

function readWebFarm(element: XmlElement, read: SettingReader, remark: (remark: Remark) => void): WebFarm {
  const { place } = element
  const holders = (...path: string[]) => ({
    own: within([element], 'applicationRequestRouting', ...path),
    place,
  })
  const [protocol, cache, health] = [
    holders('protocol'),
    holders('protocol', 'cache'),
    holders('healthCheck'),
  ]
  const affinity = holders('affinity')
  return {
    name: attributeOf(element, 'name')?.value ?? '',
    place,
    enabled: read({ own: [element], place }, 'enabled', flag, true),
    servers: collected([element], { add: 'server', key: 'address' }).flatMap((server) =>
      readServer(server, read, remark),
    ),
    timeoutMs: read(protocol, 'timeout', timeSpan, 30_000),
    preserveHostHeader: read(protocol, 'preserveHostHeader', flag, true),
    cacheEnabled: read(cache, 'enabled', flag, true),
    health: {
      url: read(health, 'url', text, ''),
      intervalMs: read(health, 'interval', timeSpan, 30_000),
      timeoutMs: read(health, 'timeout', timeSpan, 30_000),
      statusCodes: read(health, 'statusCodeMatch', text, '200-399'),
      responseMatch: read(health, 'responseMatch', text, ''),
      minServers: read(health, 'minServers', count, 0),
    },
    usesCookie: read(affinity, 'useCookie', flag, false),
    cookieName: read(affinity, 'cookieName', text, 'ARRAffinity'),
  }
}

const port = {
  read(written: string): number | undefined {
    const number = count.read(written)
    return number !== undefined && number >= 1 && number <= 65_535 ? number : undefined
  },
  right: 'write a port from 1 to 65535',
}

function readServer(
  element: XmlElement,
  read: SettingReader,
  remark: (remark: Remark) => void,
): FarmServer[] {
  const { place } = element
  const address = attributeOf(element, 'address')?.value.trim() ?? ''
  if (address === '') {
    remark({ place, message: 'a server without an address; write address="10.0.0.11" or a host name' })
    return []
  }
  const misplaced = ['port', 'httpPort', 'httpsPort'].flatMap((name) => attributeOf(element, name) ?? [])
  for (const { name, value, place } of misplaced)
    remark({
      place,
      message:
        `${name}=${quoted(value)} on a server; ARR knows no port there: write ` +
        '<applicationRequestRouting httpPort="…" /> inside the server',
    })
  const routing = { own: within([element], 'applicationRequestRouting'), place }
  return [
    {
      address,
      place,
      enabled: read({ own: [element], place }, 'enabled', flag, true),
      httpPort: read(routing, 'httpPort', port, 80),
      httpsPort: read(routing, 'httpsPort', port, 443),
      hostName: read(routing, 'hostName', text, ''),
    },
  ]
}
