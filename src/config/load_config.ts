import { dirname, resolve } from 'node:path'
import type { Config, FarmDefinition, LoadResult } from './config.ts'
import { buildFarm } from './farm/build_farm.ts'
import { refuseRivals } from './farm/exclusive_keys.ts'
import { refuseSameNames } from './farm/same_names.ts'
import { builtIn } from './schema/built_in_defaults.ts'
import { fileSchema, type WrittenFile } from './schema/file_schema.ts'
import { buildListens } from './web/listen_addresses.ts'
import type { Environment } from './yaml/environment.ts'
import { newerVersion } from './yaml/format_version.ts'
import { formatProblem, inFileOrder, type Problem } from './yaml/problem.ts'
import { type Reading, startReading } from './yaml/reading.ts'
import { redactedYaml } from './yaml/redact.ts'
import { type ReadText, readTextFile } from './yaml/text_file.ts'
import { readTree } from './yaml/tree.ts'
import { validate } from './yaml/validate.ts'

export type { Config, Discover, FarmDefinition, LoadResult } from './config.ts'

/** Reads a configuration file and the files it names. Never rejects because of what they hold. */
export async function loadConfig(path: string, env: Environment): Promise<LoadResult> {
  const result = await readTextFile(path)
  if ('text' in result) return parseConfig(result.text, path, env, readTextFile)
  const message = `cannot be read: ${result.why}; name a configuration file, such as config/farmprobe.yaml`
  return { ok: false, problems: [{ file: path, line: 0, column: 0, path: '', message }] }
}

/** Reads the text of a configuration file; `readFile` gets the absolute paths of the files it names. */
export async function parseConfig(
  text: string,
  fileName: string,
  env: Environment,
  readFile: ReadText,
): Promise<LoadResult> {
  const { tree, problems: unreadable } = readTree(text, fileName, env)
  const fatal = unreadable.length > 0 && tree.value === undefined
  if (fatal) return { ok: false, problems: unreadable }
  if (tree.value === null)
    return {
      ok: false,
      problems: [tree.problem([], 'the file is empty; write at least `farms:` with one farm')],
    }
  const tooNew = newerVersion(tree)
  if (tooNew !== undefined) return { ok: false, problems: [tooNew] }
  const { value, problems: invalid } = validate(fileSchema, tree)
  const reading = startReading(tree, dirname(resolve(fileName)), readFile)
  const farms = value === undefined ? [] : await buildFarms(value, reading)
  const listens = buildListens(value?.web, reading)
  // A value that could not be read, such as one whose variable is not set, is not wrong in a second way.
  const unread = new Set(unreadable.map(({ path }) => path))
  const consequent = [...invalid, ...reading.problems].filter(({ path }) => !unread.has(path))
  const problems = settle([...unreadable, ...consequent])
  if (problems.length > 0 || value === undefined) return { ok: false, problems }
  return { ok: true, config: makeConfig(value, listens, farms, reading) }
}

/** In the order of the file; what is wrong with `defaults` is found once for every check, and said once. */
function settle(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((problem) => [formatProblem(problem), problem]))
  return [...byText.values()].sort(inFileOrder)
}

async function buildFarms({ farms, defaults }: WrittenFile, reading: Reading): Promise<FarmDefinition[]> {
  refuseRivals(reading, ['defaults'])
  if (farms?.length === 0)
    reading.problem(['farms'], 'an empty list: there is nothing to probe; write a farm')
  refuseSameNames(
    (farms ?? []).map((farm, index) => ({ name: farm?.name, path: ['farms', index] })),
    reading,
  )
  const built: FarmDefinition[] = []
  for (const [index, farm] of (farms ?? []).entries())
    if (farm !== undefined) built.push(await buildFarm(farm, ['farms', index], defaults, reading))
  return built
}

function makeConfig(
  { web, journal, blackbox }: WrittenFile,
  listens: ReturnType<typeof buildListens>,
  farms: readonly FarmDefinition[],
  reading: Reading,
): Config {
  const configFile = web?.config_file === undefined ? undefined : reading.beside(web.config_file)
  const modulesFile = blackbox?.modules === undefined ? undefined : reading.beside(blackbox.modules)
  return {
    web: { ...listens, ...(configFile !== undefined && { configFile }) },
    journal: { path: journal?.path ?? builtIn.journalPath, keepMs: journal?.keep ?? builtIn.journalKeepMs },
    blackbox: {
      ...(modulesFile !== undefined && { modulesFile }),
      allow: blackbox?.allow ?? [],
      timeoutOffsetMs: blackbox?.timeout_offset ?? builtIn.timeoutOffsetMs,
      maxInFlight: blackbox?.max_in_flight ?? builtIn.maxInFlight,
    },
    farms,
    warnings: settle(reading.warnings),
    redacted: redactedYaml(reading.tree),
  }
}
