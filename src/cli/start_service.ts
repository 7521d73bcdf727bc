import type { Config } from '../config/load_config.ts'
import { BadWebConfig } from '../service/listeners.ts'
import { type Service, type ServiceOptions, startService } from '../service/service.ts'
import { CannotListen } from '../web/web_server.ts'
import type { Edge } from './terminal.ts'

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
