/** The manifests for Kubernetes, as kustomize renders them: of the shape that Kubernetes knows, hardened, and in agreement. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/load_config.ts'
import { parseShard } from '../../src/model/farm.ts'
import { build, kustomize, madeOf, overlays, rendered, renderedFile } from '../../tools/render.ts'
import { faultsOf, type KubernetesObject } from '../support/rules/kubernetes_schemas.ts'
import {
  type NetworkPolicy,
  objectsIn,
  objectsOf,
  only,
  type Selecting,
  type Service,
  type ServiceMonitor,
  type StatefulSet,
  selects,
} from '../support/rules/rendered_overlays.ts'
import { tempDir } from '../support/temp_dir.ts'
import { sampleApp } from '../support/web/sample_web.ts'

const command = kustomize()
const suiteWithKustomize = command === undefined ? describe.skip : describe
if (command === undefined)
  console.warn('SKIPPED rendering: no kustomize, and no kubectl that has version 5 of it')

/** Of these, any key is right. */
const freeForm = /(labels|matchLabels|annotations|data|limits|requests)$/

suiteWithKustomize('kustomize', () => {
  test.for(overlays)('renders the overlay %s as it is kept (npm run render mends it)', (overlay) => {
    expect(rendered(command ?? [], overlay)).toBe(readFileSync(renderedFile(overlay), 'utf8'))
  })

  test('renders the dashboards and alerts, each as Kubernetes wants it', () => {
    const objects = objectsIn(build(command ?? [], 'dashboards'))
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
      'ConfigMap',
      'ConfigMap',
      'ConfigMap',
      'PrometheusRule',
    ])
    expect(objects.flatMap(faultsOf)).toEqual([])
    for (const { metadata } of only(objects, 'ConfigMap'))
      expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' })
  })

  test.each([
    ['single', ['farmprobe']],
    ['shards', ['farmprobe']],
    ['replicas', ['farmprobe-a', 'farmprobe-b']],
    ['openshift', ['farmprobe']],
  ] as const)('puts a configuration of one’s own into %s, as the docs say', async (overlay, names) => {
    await using dir = await tempDir()
    await dir.write('farmprobe.yaml', 'farms: []\n')
    const base = relative(
      dir.path,
      fileURLToPath(new URL(`../../deploy/kubernetes/overlays/${overlay}`, import.meta.url)),
    )
    await dir.write('kustomization.yaml', ownConfiguration(base, names))
    const maps = only<KubernetesObject & { data: object }>(
      objectsIn(build(command ?? [], dir.path)),
      'ConfigMap',
    )
    expect(maps.map(({ data }) => data)).toEqual(names.map(() => ({ 'farmprobe.yaml': 'farms: []\n' })))
  })
})

/** The kustomization that docs/deploy.md shows, on another base, for ConfigMaps of these names. */
function ownConfiguration(base: string, names: readonly string[]): string {
  const text = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8')
  const [, shown = ''] = /```yaml\n(# kustomization.yaml\n[^`]*)```/.exec(text) ?? []
  const { configMapGenerator, ...rest } = parse(shown) as { configMapGenerator: [object] }
  const generators = names.map((name) => ({ ...configMapGenerator[0], name }))
  return stringify({ ...rest, resources: [base], configMapGenerator: generators })
}

describe.for(overlays)('overlay %s', (overlay) => {
  const objects = objectsOf(overlay)
  const sets = only<StatefulSet>(objects, 'StatefulSet')

  test('is what its files say (npm run render mends it)', () => {
    expect(readFileSync(renderedFile(overlay), 'utf8').split('\n')[0]).toBe(madeOf())
  })

  test('has no key or value that Kubernetes would refuse', () => {
    expect(objects.flatMap(faultsOf)).toEqual([])
  })

  test('would not pass with one more key, wherever that is', () => {
    const passing = objects.flatMap((object) =>
      withOneMoreKey(object)
        .filter(([, changed]) => faultsOf(changed).length === 0)
        .map(([path]) => `${object.kind}${path}`),
    )
    expect(passing).toEqual([])
  })

  test('gives a pod nothing that it does not need', () => {
    expect(sets.length).toBeGreaterThan(0)
    for (const { spec } of sets) {
      const pod = spec.template.spec
      const [container] = pod.containers
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(Object.keys(container.resources.limits)).toEqual(['memory'])
      expect(Object.keys(container.resources.requests)).toEqual(['cpu', 'memory'])
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(5)
    }
  })

  test('runs as the user of the image, by number, except where the platform gives one', () => {
    const [, user] =
      /^USER (\d+):\d+$/m.exec(readFileSync('Dockerfile', 'utf8').split('\nFROM').at(-1) ?? '') ?? []
    const given = { runAsUser: Number(user), runAsGroup: Number(user), fsGroup: Number(user) }
    const always = {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      fsGroupChangePolicy: 'OnRootMismatch',
    }
    const expected = { ...always, ...(overlay === 'openshift' ? {} : given) }
    expect(Number(user)).toBeGreaterThan(0)
    for (const { spec } of sets) expect(spec.template.spec.securityContext).toEqual(expected)
  })

  test('asks for pages that there are, on the port that farmprobe listens on', async () => {
    for (const { spec } of sets) {
      const [container] = spec.template.spec.containers
      expect(container.ports).toMatchObject([{ name: 'http', containerPort: 9502 }])
      for (const { httpGet } of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
        expect(httpGet.port).toBe('http')
        expect((await sampleApp().request(httpGet.path)).status).toBe(200)
      }
    }
    expect(readFileSync('Dockerfile', 'utf8')).toContain('EXPOSE 9502')
  })

  test('mounts the configuration and a volume for the journal where farmprobe looks', () => {
    const configs = only(objects, 'ConfigMap').map(({ metadata }) => metadata.name)
    for (const { spec } of sets) {
      const { containers, volumes } = spec.template.spec
      expect(containers[0].volumeMounts).toEqual([
        { name: 'config', mountPath: '/app/config', readOnly: true },
        { name: 'data', mountPath: '/app/data' },
      ])
      expect(volumes).toEqual([{ name: 'config', configMap: { name: expect.toBeOneOf(configs) } }])
      expect(spec.volumeClaimTemplates.map(({ metadata }) => metadata.name)).toEqual(['data'])
    }
  })

  test('names services, accounts and labels that there are: every pod has one of each', () => {
    for (const { spec } of sets) {
      const { labels } = spec.template.metadata
      const services = only<Service>(objects, 'Service')
      const ours = services.filter((each) => selects({ matchLabels: each.spec.selector }, labels))
      expect(selects(spec.selector, labels)).toBe(true)
      expect(ours.map(({ metadata }) => metadata.name)).toEqual([spec.serviceName])
      expect(ours[0]?.spec.ports).toMatchObject([{ name: 'http', port: 9502, targetPort: 'http' }])
      const accounts = only(objects, 'ServiceAccount').map(({ metadata }) => metadata.name)
      expect(accounts).toContain(spec.template.spec.serviceAccountName)
      const monitors = only<ServiceMonitor>(objects, 'ServiceMonitor')
      const scraping = monitors.filter((each) => selects(each.spec.selector, ours[0]?.metadata.labels))
      expect(scraping.map(({ spec: { endpoints } }) => endpoints)).toMatchObject([
        [{ port: 'http', path: '/metrics' }],
      ])
      expect(ours[0]?.metadata.labels?.[scraping[0]?.spec.jobLabel ?? '']).toMatch(/farmprobe/)
      const budgets = only<Selecting>(objects, 'PodDisruptionBudget')
      expect(budgets.filter((each) => selects(each.spec.selector, labels))).toHaveLength(1)
      const policies = only<NetworkPolicy>(objects, 'NetworkPolicy')
      const guarding = policies.filter((each) => selects(each.spec.podSelector, labels))
      expect(guarding.map((each) => each.spec.ingress.flatMap(({ ports }) => ports))).toMatchObject([
        [{ port: 'http' }],
      ])
    }
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
  })
})

test.each(['shards', 'replicas'] as const)(
  'in overlay %s every pod has a shard, and every shard a pod',
  (overlay) => {
    const sets = only<StatefulSet>(objectsOf(overlay), 'StatefulSet')
    expect(sets).toHaveLength(overlay === 'replicas' ? 2 : 1)
    for (const { spec } of sets) {
      const { env = [] } = spec.template.spec.containers[0]
      const [index, shard] = env
      expect(index?.valueFrom).toEqual({
        fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" },
      })
      expect(shard?.name).toBe('FARMPROBE_SHARD')
      const given = Array.from({ length: spec.replicas }, (_, pod) =>
        parseShard(shard?.value?.replace(`$(${index?.name})`, `${pod}`) ?? ''),
      )
      expect(given).toEqual(
        Array.from({ length: spec.replicas }, (_, pod) => ({ index: pod, count: spec.replicas })),
      )
    }
  },
)

test('manifests and docs name the version that this is', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  for (const { spec } of overlays.flatMap((overlay) => only<StatefulSet>(objectsOf(overlay), 'StatefulSet')))
    expect(spec.template.spec.containers[0].image).toBe(`ghcr.io/farmprobe/farmprobe:${version}`)
  const named = readFileSync('docs/deploy.md', 'utf8').match(/\?ref=v[\d.]+/g)
  expect(new Set(named)).toEqual(new Set([`?ref=v${version}`]))
})

test('the example configuration is right', async () => {
  expect(await loadConfig('deploy/kubernetes/base/farmprobe.yaml', {})).toMatchObject({ ok: true })
})

/** Copies of the object, each with an unknown key in another of its mappings, and where that is. */
function withOneMoreKey<T>(content: T, path = ''): [string, T][] {
  if (typeof content !== 'object' || content === null || freeForm.test(path)) return []
  const inside = Object.entries(content).flatMap(([key, value]: [string, unknown]) =>
    withOneMoreKey(value, `${path}/${key}`).map(([at, changed]): [string, T] => [
      at,
      replaced(content, key, changed),
    ]),
  )
  return Array.isArray(content) ? inside : [[path, { ...content, unknownKey: 1 }], ...inside]
}

const replaced = <T>(content: T, key: string, value: unknown): T =>
  (Array.isArray(content) ? content.with(Number(key), value) : { ...content, [key]: value }) as T
