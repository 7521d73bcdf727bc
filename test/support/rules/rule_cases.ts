/** The committed test cases of the alerts, and promtool's answers to them. */
import { readdirSync } from 'node:fs'
import { stringify } from 'yaml'
import { tempDir } from '../temp_dir.ts'
import { pathOf, type RuleFile, rulesWith, tool, yamlOf } from './rule_files.ts'

/** One case of a file of promtool test cases. */
export interface RuleCase {
  readonly name: string
  readonly interval: string
  readonly input_series: readonly object[]
  readonly alert_rule_test: readonly {
    readonly eval_time: string
    readonly alertname: string
    readonly exp_alerts: readonly unknown[]
  }[]
}

interface RuleCaseFile {
  readonly evaluation_interval: string
  readonly tests: readonly RuleCase[]
}

/** Paths relative to the root of the repository. */
export const ruleCaseFiles = readdirSync(pathOf('dashboards/prometheus/tests'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `dashboards/prometheus/tests/${name}`)

const casesOf = (file: string) => yamlOf(file) as RuleCaseFile

/** Every expectation of every case: which alert, and whether it is to fire. */
export const expectations = ruleCaseFiles.flatMap((file) =>
  casesOf(file)
    .tests.flatMap(({ alert_rule_test }) => alert_rule_test)
    .map(({ alertname, exp_alerts }) => ({ file, alert: alertname, fires: exp_alerts.length > 0 })),
)

/** What promtool says to test cases of these rules, and whether it was content. */
export async function testRules(
  rules: RuleFile<unknown>,
  cases: object,
): Promise<{ ok: boolean; said: string }> {
  await using dir = await tempDir()
  const rule_files = [await dir.write('rules.yaml', stringify(rules))]
  // Without it the groups are evaluated in no order, and alerts may come before what they are about is recorded.
  const group_eval_order = rules.groups.map(({ name }) => name)
  const file = await dir.write('cases.yaml', stringify({ ...cases, rule_files, group_eval_order }))
  return await tool('promtool', 'test', 'rules', file)
}

/** Each case with the rules of the alerts that it names, and the recordings: what promtool objects to. */
export async function objections(file: string, changed: (each: RuleCase) => RuleCase = (each) => each) {
  const { evaluation_interval, tests } = casesOf(file)
  const objected: string[] = []
  for (const [names, cases] of Map.groupBy(tests.map(changed), (each) => namesIn(each).join(' '))) {
    const rules = rulesWith(({ alert }) => names.split(' ').includes(alert))
    const { ok, said } = await testRules(rules, { evaluation_interval, tests: cases })
    if (!ok) objected.push(said)
  }
  return objected
}

const namesIn = ({ alert_rule_test }: RuleCase) =>
  [...new Set(alert_rule_test.map(({ alertname }) => alertname))].toSorted()

/** All rules on the series of every case of a file, at least at two times of each: promtool names a rule that it cannot evaluate. */
export function evaluateAll(file: string, rules = rulesWith(() => true)) {
  const cases = casesOf(file).tests.map(({ alert_rule_test, ...each }) => ({
    ...each,
    lastS: Math.max(...alert_rule_test.map(({ eval_time }) => seconds(eval_time))),
  }))
  const tests = cases.map(({ lastS, ...each }) => ({
    ...each,
    promql_expr_test: [
      { expr: 'vector(1)', eval_time: `${lastS}s`, exp_samples: [{ labels: '{}', value: 1 }] },
    ],
  }))
  return testRules(rules, { evaluation_interval: `${Math.min(...cases.map(({ lastS }) => lastS))}s`, tests })
}

const unitS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/** Of a duration as Prometheus writes it, such as 1h30m. */
const seconds = (duration: string) =>
  [...duration.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitS[unit ?? ''] ?? 0),
    0,
  )
