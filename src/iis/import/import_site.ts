import { isIP } from 'node:net'
import { hostPort } from '../../addresses/host_port.ts'
import { placeText } from '../../model/place.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/remark.ts'
import type { Site } from '../read/site.ts'
import { writeHead, writeHomeCheck, writeIdentity } from './import_farm.ts'
import { writeWindowsAuth } from './import_windows_auth.ts'
import { siteUrlOf } from './public_url.ts'
import { nameGiver } from './unique_names.ts'
import { scalar, type YamlLines } from './yaml_lines.ts'

/** Writes a site of one server as a farm that a person completes; returns the number of nodes that are known. */
export function writeSite(site: Site, name: string, machine: Machine, lines: YamlLines): number {
  const { ask, blank, comment } = lines
  const url = siteUrlOf(site.name, site.bindings)
  blank()
  comment(1, `The site ${quoted(site.name)} of this server.`)
  if (!site.autoStart.value) {
    comment(1, `It does not start by itself (${placeText(site.autoStart.place)}).`)
    ask('are the sites in use that do not start by themselves?')
  }
  writeHead(name, site.place, url, lines)
  const nodes = writeKnownNodes(site, url.scheme, lines)
  writeIdentity(lines)
  writeHomeCheck(lines)
  writeWindowsAuth([site], machine, lines)
  return nodes
}

/** The file of one server names its own addresses at best. */
function writeKnownNodes(site: Site, scheme: 'http' | 'https', lines: YamlLines): number {
  const { ask, entry, item, open } = lines
  const own = site.bindings.filter((binding) => isIP(binding.ip) !== 0)
  const fitting = own.filter((binding) => binding.scheme === scheme)
  const shown = fitting.length > 0 ? fitting : own
  const byAddress = new Map(
    shown.map((binding) => [hostPort({ host: binding.ip, port: binding.port }), binding]),
  )
  ask(
    'the servers behind the balancer, which the file of one of them does not list, below each url: ' +
      'nodes: [ { name: web01, address: 10.0.0.11 } ]',
  )
  if (byAddress.size === 0) return 0
  const giveName = nameGiver()
  open(2, 'nodes')
  for (const [address, binding] of byAddress) {
    item()
    entry(4, 'name', scalar(giveName(binding.ip, address)), placeText(binding.place))
    entry(4, 'address', JSON.stringify(address))
    if (binding.scheme !== scheme) entry(4, 'scheme', binding.scheme)
  }
  return byAddress.size
}
