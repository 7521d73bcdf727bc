/** Cases of alerts as promtool runs them. */
import { dashboardUrl, runbookUrl } from '../../../dashboards/source/alerts/alert_links.ts'
import { groups } from '../../../dashboards/source/alerts/groups.ts'
import { recordingGroups } from '../../../dashboards/source/alerts/recordings.ts'
import { yamlFile } from '../../../dashboards/source/alerts/yaml_file.ts'
import { type AlertCase, scrapedCases } from './alert_cases.ts'
import { ownCases } from './own_cases.ts'
import { rhythmicCases } from './rhythmic_cases.ts'
import { testRules } from './rule_cases.ts'
import { rulesWith } from './rule_files.ts'
import { inputSeries } from './scene.ts'

/** What promtool objects to when only the alert of each case is evaluated with its recordings; empty: nothing. */
export async function objectionsTo(cases: readonly AlertCase[]): Promise<string> {
  const said: string[] = []
  for (const [key, group] of Map.groupBy(cases, (each) => `${each.alert} ${evaluationOf(each)}`)) {
    const [name = '', evaluation_interval = ''] = key.split(' ')
    const rules = rulesWith(({ alert }) => alert === name)
    const answer = await testRules(rules, { evaluation_interval, tests: group.map(testOf) })
    if (!answer.ok) said.push(answer.said)
  }
  return said.join('')
}

/** How often rules are evaluated must not matter, as long as it divides a minute; long scenes take long. */
const evaluationOf = ({ scene }: AlertCase): string => (scene.until > 3600 ? '60s' : '30s')

/** The committed tests, for those who change the rules: a check every 5 s, a scrape every 30 s. */
export function ruleTestFiles(): ReadonlyMap<string, string> {
  const rhythm = { probe: 5, scrape: 30 }
  const files = {
    users: rhythmicCases(rhythm),
    nodes: scrapedCases(rhythm.scrape),
    prober: ownCases(rhythm.scrape),
  }
  return new Map(
    Object.entries(files).map(([name, cases]) => [
      `dashboards/prometheus/tests/${name}.yaml`,
      shipped(cases),
    ]),
  )
}

const shipped = (cases: readonly AlertCase[]) =>
  yamlFile(
    'When alerts fire, and when they must not: promtool test rules dashboards/prometheus/tests/*.yaml',
    {
      rule_files: ['../rules.yaml', '../alerts.yaml'],
      evaluation_interval: '60s',
      group_eval_order: [...recordingGroups, ...groups].map(({ name }) => name),
      tests: cases.map(testOf),
    },
    'test/support/rules/',
  )

const isTrue = (expr: string, second: number) => ({
  expr: `group(${expr})`,
  eval_time: `${second}s`,
  exp_samples: [{ labels: '{}', value: 1 }],
})

function testOf({ alert, name, scene, fires, ends, keeps, labels, texts }: AlertCase) {
  const firing = `ALERTS{alertname="${alert}",alertstate="firing"}`
  const { until } = scene
  const isQuiet = (from: number) => ({
    expr: `group(count_over_time(${firing}[${until - from}s]))`,
    eval_time: `${until}s`,
    exp_samples: [],
  })
  const expected = [
    ...(fires === undefined ? [isQuiet(0)] : [isTrue(firing, fires)]),
    ...(ends === undefined ? [] : [isQuiet(ends)]),
    ...(fires !== undefined && keeps
      ? [
          isTrue(
            `count_over_time(${firing}[${until - fires}s:1m]) >= ${Math.floor((until - fires) / 60)}`,
            until,
          ),
        ]
      : []),
  ]
  return {
    name: `${alert}: ${name}`,
    interval: `${scene.scrape}s`,
    input_series: inputSeries(scene),
    promql_expr_test: expected,
    ...(fires !== undefined && texts && { alert_rule_test: [expectedTexts(alert, fires, labels, texts)] }),
  }
}

function expectedTexts(name: string, fires: number, labels: AlertCase['labels'], texts: AlertCase['texts']) {
  const alert = groups.flatMap(({ alerts }) => alerts).find((each) => each.name === name)
  if (alert === undefined) throw new Error(`there is no alert ${name}`)
  const link = dashboardUrl(alert).replaceAll(
    /\{\{ \$labels\.(\w+) \| urlquery \}\}/g,
    (_, label: string) => labels?.[label] ?? '',
  )
  return {
    eval_time: `${fires}s`,
    alertname: name,
    exp_alerts: [
      {
        exp_labels: { severity: alert.severity, ...labels },
        exp_annotations: {
          summary: alert.summary,
          ...texts,
          runbook_url: runbookUrl(alert),
          dashboard_url: link,
        },
      },
    ],
  }
}
