/** The files around the rules: strictly of the shape that their readers know, and in agreement with one another. */
import { existsSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { dashboards } from '../../dashboards/source/dashboards/dashboard_files.ts'
import { dashboardsPath, dashboardUids } from '../../dashboards/source/grafana_names.ts'
import { alertName } from '../../src/notify/alertmanager_alert.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import * as schemas from '../support/rules/file_schemas.ts'
import { alertRules, pathOf, textOf, tool, yamlOf } from '../support/rules/rule_files.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true })

const files = {
  'compose.yaml': schemas.composeFile,
  'dashboards/prometheus/prometheus.yaml': schemas.prometheusConfig,
  'dashboards/prometheus/prometheus.compose.yaml': schemas.prometheusConfig,
  'dashboards/prometheus/alerts.yaml': schemas.alertRuleFile,
  'dashboards/prometheus/rules.yaml': schemas.recordingRuleFile,
  'dashboards/alertmanager/alertmanager.yaml': schemas.alertmanagerConfig,
  'dashboards/grafana/provisioning/alerting/farmprobe.yaml': schemas.grafanaAlerting,
}

describe.for(Object.entries(files))('%s', ([file, schema]) => {
  const validate = ajv.compile(schema)

  test('has the keys that its reader knows, and no other', () => {
    validate(yamlOf(file))
    expect(validate.errors ?? []).toEqual([])
  })

  test('would not pass with one more key, wherever that is', () => {
    const passing = withOneMoreKey(yamlOf(file)).filter((content) => validate(content))
    expect(passing).toEqual([])
  })
})

/** Copies of the content, each with an unknown key in another of its mappings. */
function withOneMoreKey(content: unknown): unknown[] {
  if (typeof content !== 'object' || content === null) return []
  if (Array.isArray(content))
    return content.flatMap((item, at) => withOneMoreKey(item).map((changed) => content.with(at, changed)))
  const inside = Object.entries(content).flatMap(([key, value]) =>
    withOneMoreKey(value).map((changed) => ({ ...content, [key]: changed })),
  )
  return [{ ...content, unknownKey: 1 }, ...inside]
}

const alertmanagerFile = pathOf('dashboards/alertmanager/alertmanager.yaml')

const routed = (severity: string) =>
  tool('amtool', 'config', 'routes', 'test', `--config.file=${alertmanagerFile}`, `severity=${severity}`)

suiteWith('promtool', 'amtool')('their own tools', () => {
  test.each(['prometheus', 'prometheus.compose'])('promtool accepts %s.yaml', async (name) => {
    const file = pathOf(`dashboards/prometheus/${name}.yaml`)
    expect(await tool('promtool', 'check', 'config', file)).toEqual({ ok: true, said: expect.any(String) })
  })

  test('amtool accepts alertmanager.yaml', async () => {
    expect(await tool('amtool', 'check-config', alertmanagerFile)).toEqual({
      ok: true,
      said: expect.any(String),
    })
  })

  test('amtool sends pages and tickets where they belong', async () => {
    expect((await routed('critical')).said).toMatch(/^page\n/)
    expect((await routed('warning')).said).toMatch(/^ticket\n/)
  })
})

test('what mutes alerts names alerts that there are', () => {
  const named = textOf('dashboards/alertmanager/alertmanager.yaml').match(/Farmprobe\w+/g) ?? []
  const names = [alertName, ...alertRules.map(({ alert }) => alert)]
  expect(names).toEqual(expect.arrayContaining(named))
})

interface GrafanaRule {
  readonly uid: string
  readonly title: string
  readonly data: readonly { readonly model: { readonly expr?: string } }[]
  readonly dashboardUid: string
  readonly panelId: number
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const grafanaRules = (
  yamlOf('dashboards/grafana/provisioning/alerting/farmprobe.yaml') as { groups: { rules: GrafanaRule[] }[] }
).groups.flatMap(({ rules }) => rules)

describe("Grafana's alerts", () => {
  test("are Prometheus's: same names, expressions, times and severities", () => {
    const essence = alertRules.map((rule) => [rule.alert, rule.expr, rule.for ?? '0s', rule.labels])
    expect(grafanaRules.map((rule) => [rule.title, rule.data[0]?.model.expr, rule.for, rule.labels])).toEqual(
      essence,
    )
    expect(new Set(grafanaRules.map(({ uid }) => uid)).size).toBe(grafanaRules.length)
  })

  test.for(grafanaRules)('$title leads to a panel that there is', ({ dashboardUid, panelId }) => {
    const dashboard = Object.values(dashboards).find(({ uid }) => uid === dashboardUid)
    expect(JSON.stringify(dashboard)).toMatch(new RegExp(`"id":${panelId}[,}]`))
  })

  test.for(grafanaRules)('$title holds nothing that provisioning takes for a variable', (rule) => {
    expect(Object.values(rule.labels).join()).not.toContain('$')
    expect(Object.values(rule.annotations).join()).not.toContain('${')
    expect(rule.annotations.description).not.toMatch(/\$value\b/)
  })
})

test.for(alertRules)('the link of $alert fills in variables of a dashboard', ({ annotations }) => {
  const [, uid, query = ''] = /\/d\/([\w-]+)(.*)$/.exec(annotations.dashboard_url ?? '') ?? []
  const dashboard = Object.values(dashboards).find((each) => each.uid === uid)
  const names = (dashboard?.templating?.list ?? []).map(({ name }) => name)
  const asked = [...query.matchAll(/var-(\w+)=/g)].map(([, name]) => name)
  expect(Object.values(dashboardUids)).toContain(uid)
  expect(names).toEqual(expect.arrayContaining(asked))
})

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { readonly command?: string | string[]; readonly volumes: string[]; readonly ports: string[] }
    >
  >
  readonly volumes: object
}

describe('compose.yaml', () => {
  const { services, volumes } = yamlOf('compose.yaml') as Compose
  const mounts = Object.values(services).flatMap((service) =>
    service.volumes.map((mount) => mount.split(':')),
  )

  test('mounts folders and volumes that there are', () => {
    const missing = mounts.filter(([from = '']) => !(from in volumes || existsSync(pathOf(from))))
    expect(missing).toEqual([])
  })

  test('puts the files where those who read them look', () => {
    const inside = mounts.map(([from, to]) => `${from} ${to}`)
    expect(inside).toEqual(
      expect.arrayContaining([
        `./dashboards/grafana/dashboards ${dashboardsPath}`,
        './dashboards/grafana/provisioning/datasources /etc/grafana/provisioning/datasources',
        './dashboards/grafana/provisioning/dashboards /etc/grafana/provisioning/dashboards',
      ]),
    )
    expect(services.prometheus?.command).toContain('--config.file=/etc/prometheus/prometheus.compose.yaml')
    expect(services.alertmanager?.command).toContain('--config.file=/etc/alertmanager/alertmanager.yaml')
  })

  test('gives its services the names and ports by which they call one another', () => {
    const callers = ['prometheus/prometheus.compose.yaml', 'grafana/provisioning/datasources/prometheus.yaml']
    const called = callers
      .flatMap(
        (file) => textOf(`dashboards/${file}`).match(/\b(farmprobe|alertmanager|prometheus):\d+/g) ?? [],
      )
      .map((place) => place.split(':'))
    const published = called.map(([name = '']) => [name, services[name]?.ports[0]?.split(':').at(-1)])
    expect(called.map(([name]) => name)).toEqual(['alertmanager', 'farmprobe', 'prometheus'])
    expect(published).toEqual(called)
  })
})
