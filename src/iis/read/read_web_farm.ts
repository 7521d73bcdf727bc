import { type FarmNode, nodesOf } from './farm_nodes.ts'
import { wholeFile } from './place.ts'
import { printable, quoted } from './printable.ts'
import { readBytes } from './read_bytes.ts'
import { readRoutes } from './routing.ts'
import { openServer } from './server_config.ts'
import { readWebFarms, type WebFarm } from './web_farm.ts'

/** Why a farm's nodes cannot be had, and the place in the file that says so. */
interface Trouble {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/**
 * Reads the nodes of one web farm out of an `applicationHost.config`: its enabled servers with their ports. Never
 * rejects; a file that cannot be read, or that has no such farm, is trouble.
 */
export async function readWebFarm(
  file: string,
  name: string,
): Promise<{ readonly candidates: readonly FarmNode[] } | { readonly trouble: Trouble }> {
  const opened = await openServer(file, readBytes)
  if ('problem' in opened) return { trouble: { ...opened.problem.place, message: opened.problem.message } }
  const { find, setting, remark } = opened.server
  const farms = readWebFarms(find, setting, remark)
  const farm = farms.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (farm === undefined) return { trouble: { ...wholeFile(file), message: noSuchFarm(name, farms) } }
  if (!farm.enabled.value)
    return { trouble: { ...farm.enabled.place, message: `the web farm ${quoted(farm.name)} is disabled` } }
  return { candidates: nodesOf(farm, readRoutes(find, [])) }
}

function noSuchFarm(name: string, farms: readonly WebFarm[]): string {
  const known = farms.map((farm) => printable(farm.name)).join(', ')
  return `no web farm is named ${quoted(name)}; ${known === '' ? 'the file has none' : `it has ${known}`}`
}
