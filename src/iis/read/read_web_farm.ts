import { wholeFile } from '../../model/place.ts'
import { type FarmNode, nodesOf } from './arr_routes.ts'
import { type ReadBytes, readBytes } from './document.ts'
import { readMachine } from './machine.ts'
import { printable, quoted, type Remark } from './remark.ts'
import type { WebFarm } from './web_farm.ts'
import { isSame } from './xml_element.ts'

/**
 * Reads the nodes of one web farm out of an `applicationHost.config`: its enabled servers with their ports. Never
 * rejects; a file that cannot be read, or that has no such farm, is a problem.
 */
export async function readWebFarm(
  file: string,
  name: string,
  read: ReadBytes = readBytes,
): Promise<{ readonly candidates: readonly FarmNode[] } | { readonly problem: Remark }> {
  const result = await readMachine(file, { env: {}, read })
  if ('problem' in result) return result
  const { farms, routes } = result.machine
  const farm = farms.find((each) => isSame(each.name, name))
  if (farm === undefined) return { problem: { place: wholeFile(file), message: noSuchFarm(name, farms) } }
  if (!farm.enabled.value)
    return {
      problem: { place: farm.enabled.place, message: `the web farm ${quoted(farm.name)} is disabled` },
    }
  return { candidates: nodesOf(farm, routes) }
}

function noSuchFarm(name: string, farms: readonly WebFarm[]): string {
  const known = farms.map((farm) => printable(farm.name)).join(', ')
  return `no web farm is named ${quoted(name)}; ${known === '' ? 'the file has none' : `it has ${known}`}`
}
