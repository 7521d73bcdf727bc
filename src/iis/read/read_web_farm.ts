import { wholeFile } from '../../model/place.ts'
import { type FarmNode, nodesOf } from './farm_nodes.ts'
import type { Remark } from './place.ts'
import { printable, quoted } from './printable.ts'
import { readBytes } from './read_bytes.ts'
import { readRoutes } from './routing.ts'
import { openServer } from './server_config.ts'
import { readWebFarms, type WebFarm } from './web_farm.ts'

/**
 * Reads the nodes of one web farm out of an `applicationHost.config`: its enabled servers with their ports. Never
 * rejects; a file that cannot be read, or that has no such farm, is a problem.
 */
export async function readWebFarm(
  file: string,
  name: string,
): Promise<{ readonly candidates: readonly FarmNode[] } | { readonly problem: Remark }> {
  const opened = await openServer(file, readBytes)
  if ('problem' in opened) return opened
  const { find, setting, remark } = opened.server
  const farms = readWebFarms(find, setting, remark)
  const farm = farms.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (farm === undefined) return { problem: { place: wholeFile(file), message: noSuchFarm(name, farms) } }
  if (!farm.enabled.value)
    return {
      problem: { place: farm.enabled.place, message: `the web farm ${quoted(farm.name)} is disabled` },
    }
  return { candidates: nodesOf(farm, readRoutes(find, [])) }
}

function noSuchFarm(name: string, farms: readonly WebFarm[]): string {
  const known = farms.map((farm) => printable(farm.name)).join(', ')
  return `no web farm is named ${quoted(name)}; ${known === '' ? 'the file has none' : `it has ${known}`}`
}
