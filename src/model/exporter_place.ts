/** Where the windows_exporter of each node is read, discovered nodes included. */
import type { Farm } from './farm.ts'

export interface ExporterPlace {
  readonly node: string
  readonly host: string
  readonly port: number
  /** The application pools of the site on this node. */
  readonly pools: readonly string[]
}

/** Nothing where the farm asks for no cross-check; a node that is left out has none. */
export function exporterPlaces({ crosscheck, nodes }: Farm): ExporterPlace[] {
  if (crosscheck === undefined) return []
  const { port, pools, exceptions } = crosscheck
  return nodes.flatMap(({ name, host }) => {
    const exception = exceptions.find(({ node }) => node === name)
    if (exception?.off) return []
    const { host: ownHost = host, port: ownPort = port, pools: ownPools = pools } = exception ?? {}
    return [{ node: name, host: ownHost, port: ownPort, pools: ownPools }]
  })
}
