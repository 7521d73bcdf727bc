import type { Config } from '../config/load.ts'
import { type Service, type ServiceOptions, startService } from '../service.ts'
import { CannotListen } from '../web/server.ts'
import type { Edge } from './edge.ts'

/** The service, or undefined when its address cannot be had: the configuration names one that is taken or is not ours. */
export async function startOrExplain(
  config: Config,
  edge: Edge,
  options: ServiceOptions,
): Promise<Service | undefined> {
  try {
    return await startService(config, options)
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error
    edge.stderr.write(`${error.message}\n`)
    return undefined
  }
}
