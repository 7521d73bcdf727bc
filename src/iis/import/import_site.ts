import { isIP } from 'node:net'
import { hostPort } from '../../addresses/host_port.ts'
import { placeText } from '../../model/place.ts'
import { quoted } from '../read/remark.ts'
import type { Site } from '../read/site.ts'
import { writeIdentity } from './import_farm.ts'
import { siteUrlOf } from './public_url.ts'
import { nameGiver } from './unique_names.ts'
import { scalar, type YamlLines } from './yaml_lines.ts'

/** Writes a site of one server as a farm that a person completes; returns the number of nodes that are known. */
export function writeSite(site: Site, name: string, lines: YamlLines): number {
  const url = siteUrlOf(site.name, site.bindings)
  lines.blank()
  lines.comment(1, `The site ${quoted(site.name)} of this server.`)
  if (!site.autoStart.value)
    lines.comment(
      1,
      `DECIDE: it does not start by itself (${placeText(site.autoStart.place)}). Is it in use?`,
    )
  lines.item()
  lines.entry(2, 'name', scalar(name), placeText(site.place))
  lines.comment(2, `DECIDE: ${url.decide}.`)
  lines.entry(2, 'url', url.url, url.place && placeText(url.place))
  const nodes = writeKnownNodes(site, url.scheme, lines)
  writeIdentity(lines)
  lines.open(2, 'checks')
  lines.comment(
    3,
    'DECIDE: is this a page that runs the application? A static file is served by a cold node too.',
  )
  lines.item()
  lines.entry(4, 'name', 'home')
  lines.entry(4, 'path', '/')
  return nodes
}

/** The file of one server names its own addresses at best. */
function writeKnownNodes(site: Site, scheme: 'http' | 'https', lines: YamlLines): number {
  const own = site.bindings.filter((binding) => isIP(binding.ip) !== 0)
  const fitting = own.filter((binding) => binding.scheme === scheme)
  const shown = fitting.length > 0 ? fitting : own
  const byAddress = new Map(
    shown.map((binding) => [hostPort({ host: binding.ip, port: binding.port }), binding]),
  )
  lines.comment(2, 'DECIDE: the servers behind the balancer, which the file of one of them does not list.')
  if (byAddress.size === 0) {
    lines.comment(2, 'nodes:')
    lines.comment(2, '  - { name: web01, address: 10.0.0.11 }')
    return 0
  }
  const giveName = nameGiver()
  lines.open(2, 'nodes')
  for (const [address, binding] of byAddress) {
    lines.item()
    lines.entry(4, 'name', scalar(giveName(binding.ip, address)), placeText(binding.place))
    lines.entry(4, 'address', JSON.stringify(address))
    if (binding.scheme !== scheme) lines.entry(4, 'scheme', binding.scheme)
  }
  return byAddress.size
}
