import { describe, expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { alertRules, expectations, pathOf, ruleTestFiles, textOf, tool } from '../support/rules/rule_files.ts'

suiteWith('promtool')('promtool', () => {
  test('finds nothing to object to in the rules', async () => {
    const files = ['rules', 'alerts'].map((name) => pathOf(`dashboards/prometheus/${name}.yaml`))
    expect(await tool('promtool', 'check', 'rules', '--lint=all', '--lint-fatal', ...files)).toMatchObject({
      ok: true,
    })
  })

  test.concurrent.for(ruleTestFiles)(
    'sees fire what %s expects, and nothing else',
    { timeout: 90_000 },
    async (file) => {
      expect(await tool('promtool', 'test', 'rules', pathOf(file))).toEqual({
        ok: true,
        said: expect.any(String),
      })
    },
  )
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
