import type { Config } from '../config/load.ts'
import { BadWebConfig } from '../front_door.ts'
import { type Service, type ServiceOptions, startService } from '../service.ts'
import { CannotListen } from '../web/server.ts'
import type { Edge } from './edge.ts'

/** The service, or undefined when the configuration names an address that cannot be had, or protects it badly. */
export async function startOrExplain(
  config: Config,
  edge: Edge,
  options: ServiceOptions,
): Promise<Service | undefined> {
  try {
    return await startService(config, options)
  } catch (error) {
    if (!(error instanceof CannotListen || error instanceof BadWebConfig)) throw error
    edge.stderr.write(`${error.message}\n`)
    return undefined
  }
}
