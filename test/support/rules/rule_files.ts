/** The committed files of rules and their test cases, as data. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
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
  readonly keep_firing_for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface RuleFile<T> {
  readonly groups: readonly { readonly name: string; readonly rules: readonly T[] }[]
}

/** The alerts as Prometheus loads them. */
export const alertRules = (yamlOf('dashboards/prometheus/alerts.yaml') as RuleFile<AlertRule>).groups.flatMap(
  ({ rules }) => rules,
)

export const recordingRules = (
  yamlOf('dashboards/prometheus/rules.yaml') as RuleFile<{ record: string; expr: string }>
).groups.flatMap(({ rules }) => rules)

interface RuleTestFile {
  readonly tests: readonly {
    readonly name: string
    readonly alert_rule_test: readonly {
      readonly alertname: string
      readonly exp_alerts: readonly unknown[]
    }[]
  }[]
}

/** Files of promtool test cases, relative to the root of the repository. */
export const ruleTestFiles = readdirSync(pathOf('dashboards/prometheus/tests'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `dashboards/prometheus/tests/${name}`)

/** Every expectation of every case: which alert, and whether it is to fire. */
export const expectations = ruleTestFiles
  .flatMap((file) => (yamlOf(file) as RuleTestFile).tests)
  .flatMap(({ alert_rule_test }) => alert_rule_test)
  .map(({ alertname, exp_alerts }) => ({ alert: alertname, fires: exp_alerts.length > 0 }))

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
