import { placeText } from '../../model/place.ts'
import type { Machine } from '../read/machine.ts'
import type { Proxied } from '../read/proxy.ts'
import { printable, quoted } from '../read/remark.ts'
import { writeFarm, writeProxied } from './import_farm.ts'
import { writeSite } from './import_site.ts'
import { nameGiver } from './unique_names.ts'
import { yamlLines } from './yaml_lines.ts'

/**
 * Writes a configuration of farmprobe for an IIS: for its web farms of ARR, or, when none is in use, for its sites.
 * Undefined when it has neither.
 */
export function importMachine(machine: Machine) {
  const lines = yamlLines([
    `Written by \`farmprobe import\` from ${printable(machine.file)}. Each line says where it came from;`,
    'DECIDE marks what the file does not say. Then run: farmprobe check, farmprobe once.',
  ])
  const giveName = nameGiver()
  const farms = machine.farms.filter(({ enabled, servers }) => enabled.value && servers.length > 0)
  for (const farm of machine.farms.filter((each) => !farms.includes(each)))
    lines.comment(0, `Left out: the web farm ${quoted(farm.name)}, which ${whyLeftOut(farm)}.`)
  lines.open(0, 'farms')
  const { servers } = machine.proxy
  const counts =
    farms.length + servers.length > 0
      ? [
          ...farms.map((farm) => writeFarm(farm, giveName(farm.name, 'farm'), machine, lines)),
          ...servers.map((server) => writeProxied(server, giveName(nameOf(server), 'proxy'), machine, lines)),
        ]
      : machine.sites.map((site) => writeSite(site, giveName(site.name, 'site'), machine, lines))
  if (counts.length === 0) return undefined
  return { yaml: lines.text(), farms: counts.length, nodes: counts.reduce((sum, each) => sum + each, 0) }
}

/** The host that users ask for, where a rule names it. */
const nameOf = ({ host, routes }: Proxied) => routes.flatMap(({ hosts }) => hosts)[0] ?? host

const whyLeftOut = ({ enabled, place }: Machine['farms'][number]) =>
  enabled.value ? `has no server (${placeText(place)})` : `is disabled (${placeText(enabled.place)})`
