import { dirname, resolve } from 'node:path'
import { hostPort } from '../addresses/host_port.ts'
import type { Receiver } from '../model/receiver.ts'
import { buildReceivers } from './build_receivers.ts'
import type { Config, FarmDefinition, LoadResult } from './config.ts'
import { buildFarm } from './farm/build_farm.ts'
import { withIncluded } from './include.ts'
import { redactedYaml } from './redact.ts'
import { configKeys, newestVersion } from './schema/config_keys.ts'
import { farmKeys } from './schema/farm_keys.ts'
import { type Settled, settle } from './schema/part.ts'
import type { Environment } from './yaml/environment.ts'
import { fileProblem, formatProblem, inFileOrder, type Problem } from './yaml/problem.ts'
import { type Reading, startReading } from './yaml/reading.ts'
import { type ReadText, readTextFile } from './yaml/text_file.ts'
import { readTree, type Tree, valueAt } from './yaml/tree.ts'

export type { Config, Discover, FarmDefinition, LoadResult } from './config.ts'

/** Reads a configuration file and the files it names. Never rejects because of what they hold. */
export async function loadConfig(
  path: string,
  env: Environment,
  readText: ReadText = readTextFile,
): Promise<LoadResult> {
  const result = await readText(path)
  if ('text' in result) return parseConfig(result.text, path, env, readText)
  const message = `cannot be read: ${result.why}; name a configuration file, such as config/farmprobe.yaml`
  return { ok: false, problems: [fileProblem(path, message)] }
}

/** Reads the text of a configuration file; `readFile` gets the absolute paths of the files it names. */
export async function parseConfig(
  text: string,
  fileName: string,
  env: Environment,
  readFile: ReadText,
): Promise<LoadResult> {
  const { tree: main, problems: mistakes } = readTree(text, fileName, env)
  if (mistakes.length > 0 && main.value === undefined) return { ok: false, problems: mistakes }
  const fatal = fatalProblem(main)
  if (fatal !== undefined) return { ok: false, problems: [fatal] }
  const { tree, problems: included, warnings } = await withIncluded(main, env, readFile)
  const unreadable = [...mistakes, ...included]
  const reading = startReading(tree, dirname(resolve(fileName)), readFile)
  const written = configKeys.read(tree.value, [], reading)
  const file = settle(configKeys, written ?? {})
  const farms = await buildFarms(file, reading)
  const receivers = await buildReceivers(file, reading)
  refuseSharedPorts(file.web, reading)
  refuseSecondKeytab(farms, reading)
  refuseNoWitness(file.was, farms, reading)
  // A value that could not be read, such as one whose variable is not set, gets no second problem.
  const unread = new Set(unreadable.map(placeOf))
  const consequent = reading.problems.filter((problem) => !unread.has(placeOf(problem)))
  const problems = sortedOnce([...unreadable, ...consequent])
  if (problems.length > 0 || written === undefined) return { ok: false, problems }
  return {
    ok: true,
    config: makeConfig(file, farms, receivers, [...warnings, ...reading.warnings], reading.tree),
  }
}

const placeOf = ({ file, path }: Problem) => `${file} ${path}`

/** A problem that makes all others pointless. */
function fatalProblem(tree: Tree): Problem | undefined {
  if (tree.value === null) return tree.problem([], 'the file is empty; write at least `farms:` with one farm')
  const version = valueAt(tree.value, ['version'])
  if (typeof version !== 'number' || !Number.isInteger(version) || version <= newestVersion) return undefined
  return tree.problem(
    ['version'],
    `the file is of version ${version}, and this farmprobe reads up to version ${newestVersion}; install the ` +
      `farmprobe it was written for, or a newer one`,
  )
}

/** File by file, in the order of each. A problem with `defaults` is found for every check, and reported once. */
function sortedOnce(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((problem) => [formatProblem(problem), problem]))
  const byFile = Map.groupBy(byText.values(), ({ file }) => file)
  return [...byFile.values()].flatMap((own) => own.sort(inFileOrder))
}

type SettledFile = Settled<typeof configKeys>

async function buildFarms({ farms = [], defaults }: SettledFile, reading: Reading) {
  const built: FarmDefinition[] = []
  for (const [index, farm] of farms.entries())
    if (farm !== undefined)
      built.push(await buildFarm(settle(farmKeys, farm), ['farms', index], defaults, reading))
  return built
}

function makeConfig(
  {
    version: _version,
    include: _include,
    defaults: _defaults,
    alertmanagers: _alertmanagers,
    webhooks: _webhooks,
    web: { listen, ...web },
    ...plain
  }: SettledFile,
  farms: readonly FarmDefinition[],
  receivers: readonly Receiver[],
  warnings: readonly Problem[],
  tree: Tree,
): Config {
  return {
    ...plain,
    web: { ...listen, ...web },
    farms,
    receivers,
    warnings: sortedOnce(warnings),
    redacted: redactedYaml(tree),
  }
}

/** libkrb5 takes the keys of a process from one file. */
function refuseSecondKeytab(farms: readonly FarmDefinition[], reading: Reading): void {
  const uses = farms.flatMap(({ farm: { checks } }, index) =>
    checks.flatMap(({ windowsAuth }, check) =>
      windowsAuth?.by === 'negotiate' ? [{ ...windowsAuth, path: ['farms', index, 'checks', check] }] : [],
    ),
  )
  for (const { keytab, path } of uses)
    if (keytab !== uses[0]?.keytab)
      reading.problem(
        [...path, 'auth', 'negotiate', 'keytab_file'],
        `a second keytab beside ${uses[0]?.keytab}; put the keys of all principals into one, with ktutil`,
      )
}

const everywhere = new Set(['0.0.0.0', '::'])

/** Two listeners cannot share a port of an address; port 0 is a different port each time. */
function refuseSharedPorts({ listen, metrics, health }: SettledFile['web'], reading: Reading): void {
  const listeners = Object.entries({ listen, metrics_listen: metrics, health_listen: health })
  for (const [index, [key, own]] of listeners.entries()) {
    const rival = listeners.slice(0, index).find(([, other]) => own && other && overlap(own, other))
    if (own !== undefined && rival !== undefined)
      reading.problem(
        ['web', key],
        `${hostPort(own)} is already used by ${rival[0]}; give each a port of its own`,
      )
  }
}

/** Nothing would say what happens inside the nodes. */
function refuseNoWitness(
  { push, folder }: SettledFile['was'],
  farms: readonly FarmDefinition[],
  reading: Reading,
) {
  if (push || folder !== undefined) return
  for (const [index, { farm }] of farms.entries())
    if (farm.crosscheck?.exporter === false)
      reading.problem(
        ['farms', index, 'crosscheck', 'exporter'],
        "there is nothing to compare with: without windows_exporter WAS's events must come; write was: { push: true } or { folder: … }",
      )
}

type Listener = SettledFile['web']['listen']

const overlap = (a: Listener, b: Listener): boolean =>
  a.port !== 0 && a.port === b.port && (a.host === b.host || everywhere.has(a.host) || everywhere.has(b.host))
