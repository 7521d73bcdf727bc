/** Dashboards and alerts as objects of Kubernetes. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { faultsOf, type KubernetesObject } from '../support/rules/kubernetes_schemas.ts'
import { pathOf, textOf, yamlOf } from '../support/rules/rule_files.ts'

interface Groups {
  readonly groups: readonly unknown[]
}

const rule = yamlOf('dashboards/prometheus/prometheusrule.yaml') as KubernetesObject & { spec: Groups }

test('the PrometheusRule is of the shape that the operator knows, and holds every rule', () => {
  expect(faultsOf(rule)).toEqual([])
  const files = ['rules', 'alerts'].map((name) => yamlOf(`dashboards/prometheus/${name}.yaml`) as Groups)
  expect(rule.spec.groups).toEqual(files.flatMap(({ groups }) => groups))
})

test('every dashboard is in a ConfigMap of its own, which is small enough for kubectl apply', () => {
  const { configMapGenerator, resources } = yamlOf('dashboards/kustomization.yaml') as {
    configMapGenerator: { name: string; files: [string] }[]
    resources: string[]
  }
  expect(resources).toEqual(['prometheus/prometheusrule.yaml'])
  const dashboards = readdirSync(pathOf('dashboards/grafana/dashboards'))
  expect(configMapGenerator.map(({ files }) => files)).toEqual(
    dashboards.map((name) => [`grafana/dashboards/${name}`]),
  )
  // Kubernetes takes 1 MiB; kubectl apply keeps a copy in an annotation, which may have 256 KiB.
  const files = [...dashboards.map((name) => `grafana/dashboards/${name}`), ...resources]
  for (const file of files)
    expect(JSON.stringify(textOf(`dashboards/${file}`)).length).toBeLessThan(250 * 1024)
})
