import { describe, expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { scrapedCases } from '../support/rules/alert_cases.ts'
import { objectionsTo } from '../support/rules/case_runs.ts'
import { ownCases } from '../support/rules/own_cases.ts'
import { rhythmicCases } from '../support/rules/rhythmic_cases.ts'
import { testRules } from '../support/rules/rule_cases.ts'
import { alertRules, pathOf, textOf, tool } from '../support/rules/rule_files.ts'
import { inputSeries } from '../support/rules/scene.ts'

/** A check every 5 s and a scrape every 30 s; other rhythms are tested with the slow tests. */
const cases = [...rhythmicCases({ probe: 5, scrape: 30 }), ...scrapedCases(30), ...ownCases(30)]

suiteWith('promtool')('promtool', () => {
  test('finds nothing to object to in the rules', async () => {
    const files = ['rules', 'alerts'].map((name) => pathOf(`dashboards/prometheus/${name}.yaml`))
    expect(await tool('promtool', 'check', 'rules', '--lint=all', '--lint-fatal', ...files)).toMatchObject({
      ok: true,
    })
  })

  test.concurrent.for(alertRules)(
    'sees $alert fire, and not fire',
    { timeout: 120_000 },
    async ({ alert }) => {
      expect(await objectionsTo(cases.filter((each) => each.alert === alert))).toBe('')
    },
  )

  test('would object to an alert that does not fire, and to one that fires unexpectedly', async () => {
    const [fires, quiet] = cases.filter(({ alert }) => alert === 'FarmprobeMissing')
    if (fires === undefined || quiet === undefined) throw new Error('FarmprobeMissing has no cases')
    const turned = [
      { ...fires, scene: quiet.scene },
      { ...quiet, scene: fires.scene },
    ]
    expect((await objectionsTo(turned)).match(/time: /g)).toHaveLength(3)
  })

  test('would object to a rule that cannot be evaluated', async () => {
    const expr = 'farmprobe_up * on (farm) farmprobe_up'
    const rules = { groups: [{ name: 'farmprobe users', rules: [{ record: 'broken', expr }] }] }
    const scene = { probe: 5, scrape: 30, until: 60 }
    const tests = [
      {
        interval: '30s',
        input_series: inputSeries(scene),
        promql_expr_test: [{ expr: '1', eval_time: '60s', exp_samples: [{ value: 1 }] }],
      },
    ]
    expect(await testRules(rules, { evaluation_interval: '30s', tests })).toMatchObject({
      ok: false,
      said: expect.stringContaining('many-to-many'),
    })
  })
})

describe.for(alertRules)('$alert', ({ alert, labels, annotations }) => {
  test('has a case in which it fires and one in which it must not', () => {
    const fires = cases.filter((each) => each.alert === alert).map((each) => each.fires !== undefined)
    expect(fires).toContain(true)
    expect(fires).toContain(false)
  })

  test('says what is wrong, how bad it is, and where to read on', () => {
    expect(alert).toMatch(/^Farmprobe([A-Z][a-z]+)+$/)
    expect(['critical', 'warning', 'info']).toContain(labels.severity)
    expect(annotations.summary).toMatch(/^[^{}]+\.$/)
    expect(annotations.description).toMatch(/\{\{ \$labels\.\w+ \}\}.*\.$/)
    expect(annotations.runbook_url).toMatch(new RegExp(`/docs/runbooks/${alert}\\.md$`))
    expect(annotations.dashboard_url).toMatch(/\/d\/farmprobe-(farm|node|prober)(\?var-|$)/)
  })

  test('has a runbook', () => {
    const page = `docs/runbooks/${alert}.md`
    const headings = [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual([alert, 'Meaning', 'Impact', 'Diagnosis', 'Mitigation'])
  })
})

test('no case is for an alert that there is not', () => {
  const names = alertRules.map(({ alert }) => alert)
  expect(cases.filter(({ alert }) => !names.includes(alert))).toEqual([])
})
