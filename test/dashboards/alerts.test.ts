import { describe, expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { evaluateAll, expectations, objections, ruleCaseFiles } from '../support/rules/rule_cases.ts'
import { alertRules, pathOf, textOf, tool } from '../support/rules/rule_files.ts'

suiteWith('promtool')('promtool', () => {
  test('finds nothing to object to in the rules', async () => {
    const files = ['rules', 'alerts'].map((name) => pathOf(`dashboards/prometheus/${name}.yaml`))
    expect(await tool('promtool', 'check', 'rules', '--lint=all', '--lint-fatal', ...files)).toMatchObject({
      ok: true,
    })
  })

  test.concurrent.for(ruleCaseFiles)('sees fire what %s expects', { timeout: 90_000 }, async (file) => {
    expect(await objections(file)).toEqual([])
  })

  test.concurrent.for(ruleCaseFiles)('can evaluate every rule on the series of %s', async (file) => {
    expect(await evaluateAll(file)).toMatchObject({ ok: true })
  })

  test('would object to an alert that fires unexpectedly, and to one that does not fire', async () => {
    const turned = await objections('dashboards/prometheus/tests/prober.yaml', (each) => ({
      ...each,
      alert_rule_test: each.alert_rule_test.map((expected) => ({
        ...expected,
        exp_alerts: expected.exp_alerts.length > 0 ? [] : [{ exp_labels: { severity: 'critical' } }],
      })),
    }))
    expect(turned.join('\n').match(/alertname: /g)).toHaveLength(
      expectations.filter(({ file }) => file === 'dashboards/prometheus/tests/prober.yaml').length,
    )
  })

  test('would object to a rule that cannot be evaluated on them', async () => {
    const expr = 'farmprobe_verdict * on (farm) farmprobe_verdict'
    const rules = { groups: [{ name: 'farmprobe pages', rules: [{ record: 'broken', expr }] }] }
    expect(await evaluateAll('dashboards/prometheus/tests/users.yaml', rules)).toMatchObject({
      ok: false,
      said: expect.stringContaining('many-to-many'),
    })
  })
})

describe.for(alertRules)('$alert', ({ alert, labels, annotations }) => {
  test('has a case in which it fires and one in which it must not', () => {
    const cases = expectations.filter((each) => each.alert === alert).map(({ fires }) => fires)
    expect(cases).toContain(true)
    expect(cases).toContain(false)
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
  expect(expectations.filter(({ alert }) => !names.includes(alert))).toEqual([])
})
