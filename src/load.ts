import type { Environment } from './config/environment.ts'
import { type LoadResult, loadConfig } from './config/load.ts'

/** Reads a configuration file with the module file that it names. Never rejects because of what they hold. */
export async function load(path: string, env: Environment): Promise<LoadResult> {
  const loaded = await loadConfig(path, env)
  if (!loaded.ok || loaded.config.blackbox.modulesFile === undefined) return loaded
  const { config } = loaded
  // Most have no module file, and its languages take their time to load.
  const { readModules } = await import('./blackbox/read_modules.ts')
  const read = await readModules(loaded.config.blackbox.modulesFile)
  if (!read.ok) return read
  return {
    ok: true,
    config: {
      ...config,
      blackbox: { ...config.blackbox, modules: read.modules },
      warnings: [...config.warnings, ...read.warnings],
    },
  }
}
