import { type Config, type LoadResult, parseConfig } from '../../../src/config/load_config.ts'
import type { Environment } from '../../../src/config/yaml/environment.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import type { Check } from '../../../src/model/farm.ts'

interface Around {
  readonly env?: Environment
  /** Texts of files by their absolute paths; the configuration is `/etc/farmprobe/f.yaml`. */
  readonly files?: Readonly<Record<string, string>>
}

/** Reads a configuration text as if it were the file `/etc/farmprobe/f.yaml`. */
export function parseText(text: string, { env = {}, files = {} }: Around = {}): Promise<LoadResult> {
  return parseConfig(text, '/etc/farmprobe/f.yaml', env, async (path) => {
    const found = Object.hasOwn(files, path) ? files[path] : undefined
    return found === undefined ? { why: 'no such file' } : { text: found }
  })
}

/** The problems of a text as a person sees them, without the folder of the file; empty when there is none. */
export async function problemsOf(text: string, around?: Around): Promise<string> {
  const result = await parseText(text, around)
  return result.ok ? '' : lines(result.problems)
}

/** The warnings about a text that is right. */
export async function warningsOf(text: string, around?: Around): Promise<string> {
  return lines((await configOf(text, around)).warnings)
}

const lines = (problems: readonly Parameters<typeof formatProblem>[0][]) =>
  problems.map((problem) => formatProblem(problem).replace('/etc/farmprobe/', '')).join('\n')

/** The configuration that a right text gives; rejects with the problems of a wrong one. */
export async function configOf(text: string, around?: Around): Promise<Config> {
  const result = await parseText(text, around)
  if (!result.ok) throw new Error(`not a configuration:\n${lines(result.problems)}`)
  return result.config
}

/** One farm with one check, which has the given keys in YAML's flow form. */
export const withCheck = (keys: string, farm = 'url: https://intranet.example.org') =>
  `farms:\n  - name: intranet\n    ${farm}\n    nodes: [{ name: web01, address: 10.0.0.11 }]\n    checks:\n      - { name: home, ${keys} }\n`

/** The check of `withCheck`. */
export async function checkOf(keys: string, around?: Around): Promise<Check> {
  const [definition] = (await configOf(withCheck(keys), around)).farms
  const check = definition?.farm.checks[0]
  if (check === undefined) throw new Error('there is no check')
  return check
}
