import { isDeepStrictEqual } from 'node:util'
import type { OnDemandSettings } from '../blackbox/probe_endpoint.ts'
import type { Config } from '../config/config.ts'
import { observerWarnings } from '../config/farm/observer_effect.ts'
import { loadConfig } from '../config/load_config.ts'
import type { Environment } from '../config/yaml/environment.ts'
import { formatProblem, type Problem } from '../config/yaml/problem.ts'
import { type ReadText, readTextFile } from '../config/yaml/text_file.ts'

/** The configuration file together with the module file that it names. */
export interface ServiceConfig extends Config {
  readonly blackbox: OnDemandSettings
}

export type LoadResult =
  | { readonly ok: true; readonly config: ServiceConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads a configuration file with the module file that it names. Never rejects because of what they hold. */
export async function load(
  path: string,
  env: Environment,
  readText: ReadText = readTextFile,
): Promise<LoadResult> {
  const loaded = await loadConfig(path, env, readText)
  if (!loaded.ok || loaded.config.blackbox.modulesFile === undefined) return loaded
  const { config } = loaded
  // Most have no module file, and its languages take their time to load.
  const { readModules } = await import('../blackbox/module/read_modules.ts')
  const read = await readModules(loaded.config.blackbox.modulesFile, readText)
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

/** The settings that are not those of the start, and take effect at the next one only. */
export const forNextStart = (started: ServiceConfig, after: ServiceConfig): string[] => [
  ...(isDeepStrictEqual(after.web, started.web) ? [] : ['`web`']),
  ...(after.journal.path === started.journal.path ? [] : ['journal.path']),
  ...(after.journal.keepMs === started.journal.keepMs ? [] : ['journal.keep']),
]

/** Everything that `check` warns of, but for the budget of series: the places in the file, and lines. */
export const warningsOf = ({ warnings, farms }: ServiceConfig): readonly string[] => [
  ...warnings.map(formatProblem),
  ...observerWarnings(farms),
]
