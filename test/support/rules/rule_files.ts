/** The committed files of rules, as data. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { binaryPath } from '../processes/real_binaries.ts'

const root = new URL('../../../', import.meta.url)

/** The full path of a committed file. */
export const pathOf = (file: string): string => fileURLToPath(new URL(file, root))

export const textOf = (file: string): string => readFileSync(pathOf(file), 'utf8')

/** A committed YAML file as data. */
export const yamlOf = (file: string): unknown => parse(textOf(file))

export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface RuleFile<T> {
  readonly groups: readonly { readonly name: string; readonly rules: readonly T[] }[]
}

const recordings = yamlOf('dashboards/prometheus/rules.yaml') as RuleFile<{
  record: string
  expr: string
  labels?: Readonly<Record<string, string>>
}>
const alerts = yamlOf('dashboards/prometheus/alerts.yaml') as RuleFile<AlertRule>

/** The alerts as Prometheus loads them. */
export const alertRules = alerts.groups.flatMap(({ rules }) => rules)

export const recordingRules = recordings.groups.flatMap(({ rules }) => rules)

/** A file of rules with the alerts wanted and the recordings that they need: promtool takes long to evaluate all of them. */
export function rulesWith(isWanted: (alert: AlertRule) => boolean): RuleFile<unknown> {
  const wanted = alerts.groups.map((group) => ({ ...group, rules: group.rules.filter(isWanted) }))
  const expressions = wanted
    .flatMap(({ rules }) => rules)
    .flatMap(({ expr, annotations }) => [expr, ...Object.values(annotations)])
  const needed = recordingsIn(expressions)
  const recorded = recordings.groups.map((group) => ({
    ...group,
    rules: group.rules.filter(({ record }) => needed.has(record)),
  }))
  return { groups: [...recorded, ...wanted].filter(({ rules }) => rules.length > 0) }
}

/** The names of what is recorded for these expressions, and for the recordings themselves. */
function recordingsIn(
  expressions: readonly string[],
  known: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const found = recordingRules.filter(
    ({ record }) => !known.has(record) && expressions.some((expr) => expr.includes(record)),
  )
  if (found.length === 0) return known
  return recordingsIn(
    found.map(({ expr }) => expr),
    new Set([...known, ...found.map(({ record }) => record)]),
  )
}

const run = promisify(execFile)

/** What a tool says to these arguments, and whether it was content; several may run at once. */
export async function tool(name: string, ...args: readonly string[]): Promise<{ ok: boolean; said: string }> {
  try {
    const { stdout, stderr } = await run(binaryPath(name) ?? name, args)
    return { ok: true, said: stdout + stderr }
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return { ok: false, said: stdout + stderr }
  }
}
