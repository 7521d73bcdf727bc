/** The Helm chart: what it makes is what kustomize makes, but for what Helm adds of its own. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseConfig } from '../../src/config/load_config.ts'
import {
  type Chart,
  charts,
  helm,
  madeOf,
  renderedChart,
  renderedChartFile,
  template,
} from '../../tools/render.ts'
import { faultsOf, type KubernetesObject } from '../support/rules/kubernetes_schemas.ts'
import { objectsIn, objectsOf } from '../support/rules/rendered_overlays.ts'
import { tempDir } from '../support/temp_dir.ts'

const folder = 'deploy/helm/farmprobe'
const textOf = (file: string) => readFileSync(`${folder}/${file}`, 'utf8')
const values = parse(textOf('values.yaml')) as Readonly<Record<string, unknown>>
const names = Object.keys(charts) as Chart[]

const command = helm()
if (command === undefined) console.warn('SKIPPED helm itself: none in PATH, and HELM names none')

const render = (set: readonly string[], release?: string) =>
  template(
    command ?? '',
    set.flatMap((value) => ['--set', value]),
    release,
  )

const namesOf = (release: string) =>
  new Set(objectsIn(render([], release)).map(({ metadata }) => metadata.name))

const sumIn = (text: string) => /checksum\/config: (\w{64})/.exec(text)?.[1]

describe.skipIf(command === undefined)('helm', () => {
  test('finds nothing wrong with the chart', () => {
    const { status, stdout } = spawnSync(command ?? '', ['lint', '--strict', folder], { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.not.stringMatching(/WARNING|ERROR/) })
  })

  test.for(names)('renders %s as it is kept (npm run render mends it)', (name) => {
    expect(renderedChart(command ?? '', name)).toBe(readFileSync(renderedChartFile(name), 'utf8'))
  })

  test.each([
    ['a misspelt value', 'shard=3', /'shard' not allowed/],
    ['no shard', 'shards=0', /\/shards/],
    ['a digest that is none', 'image.digest=latest', /\/image\/digest/],
    ['a configuration without farms', 'config=null', /\/config|config/],
    ['a port as a word', 'networkPolicy.ports={https}', /\/networkPolicy\/ports\/0/],
  ])('refuses %s', (_what, value, message) => {
    expect(() => render([value])).toThrow(message)
  })

  test('renders every value somewhere', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const set = {
      'image.repository=example.org/f': 'image: example.org/f@',
      [`image.digest=${digest}`]: digest,
      'image.pullSecrets[0].name=pull': 'name: pull',
      'secretName=words': 'name: words',
      'persistence.storageClassName=fast': 'storageClassName: fast',
      'persistence.size=7Gi': 'storage: 7Gi',
      'nodeSelector.disk=ssd': 'disk: ssd',
      'tolerations[0].key=probes': 'key: probes',
      'podAnnotations.note=kept': 'note: kept',
      'serviceMonitor.interval=9s': 'interval: 9s',
      'networkPolicy.prometheusNamespace=watch': 'metadata.name: watch',
      'networkPolicy.ports={8443}': 'port: 8443',
      'resources.limits.memory=1Gi': 'memory: 1Gi',
    }
    const text = render(Object.keys(set))
    expect(objectsIn(text).flatMap(faultsOf)).toEqual([])
    for (const shown of Object.values(set)) expect(text).toContain(shown)
  })

  test('takes a configuration as a file, and starts the pods anew when it changes', async () => {
    await using dir = await tempDir()
    const withFile = async (text: string) => {
      const file = await dir.write('farmprobe.yaml', text)
      return template(command ?? '', ['--set-file', `config=${file}`])
    }
    const one = await withFile('# ours\nfarms: []\n')
    expect(objectsIn(one)).toContainEqual(
      expect.objectContaining({ kind: 'ConfigMap', data: { 'farmprobe.yaml': '# ours\nfarms: []\n' } }),
    )
    expect(sumIn(one)).not.toBe(sumIn(await withFile('# theirs\nfarms: []\n')))
  })

  test('renders nothing for what is switched off', () => {
    const objects = objectsIn(render(['serviceMonitor.enabled=false', 'networkPolicy.enabled=false']))
    const kinds = ['ConfigMap', 'PodDisruptionBudget', 'Service', 'ServiceAccount', 'StatefulSet']
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual(kinds)
  })

  test('names everything after the release', () => {
    expect(namesOf('farmprobe-a')).toEqual(new Set(['farmprobe-a']))
    expect(namesOf('b')).toEqual(new Set(['b-farmprobe']))
  })
})

describe.for(names)('the chart as %s', (name) => {
  const text = readFileSync(renderedChartFile(name), 'utf8')

  test('is what its files say (npm run render mends it)', () => {
    expect(text.split('\n')[0]).toBe(madeOf(`${folder}/**/*.*`))
  })

  test('has no key or value that Kubernetes would refuse', () => {
    expect(objectsIn(text).flatMap(faultsOf)).toEqual([])
  })

  test('makes what kustomize makes', () => {
    expect(comparable(objectsIn(text))).toEqual(comparable(objectsOf(name)))
  })
})

/** Of Helm alone: who made it, and what starts pods anew with another configuration; kustomize has a hash in its name for that. */
const ofHelm = [
  'app.kubernetes.io/instance',
  'app.kubernetes.io/version',
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
  'checksum/config',
]

function comparable(objects: readonly KubernetesObject[]): unknown[] {
  const text = JSON.stringify(objects, (key, value: unknown) => {
    if (ofHelm.includes(key)) return undefined
    if (key === 'farmprobe.yaml') return parse(value as string) as unknown
    return isEmpty(value) && key === 'annotations' ? undefined : value
  })
  const plain = JSON.parse(text.replaceAll(/"farmprobe-[a-z0-9]{10}"/g, '"farmprobe"')) as KubernetesObject[]
  return plain.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).every((key) => ofHelm.includes(key))

test('the values have a schema, which knows each and no other', () => {
  const schema = JSON.parse(textOf('values.schema.json')) as {
    properties: Record<string, { properties?: object }>
  }
  const validate = new Ajv().compile(schema)
  validate(values)
  expect(validate.errors).toBeNull()
  const { global: _, ...described } = schema.properties
  expect(Object.keys(described)).toEqual(Object.keys(values))
  const parts = Object.entries(described).filter(([, { properties }]) => properties !== undefined)
  expect(parts.map(([name, { properties = {} }]) => [name, Object.keys(properties)])).toEqual(
    parts.map(([name]) => [name, Object.keys(values[name] as object)]),
  )
})

test('every value is told what it is for', () => {
  for (const block of textOf('values.yaml').trim().split('\n\n')) expect(block).toMatch(/^#/)
})

test('the configuration that it comes with is right', async () => {
  const read = await parseConfig(stringify(values['config']), 'values.yaml', {}, async () => ({
    why: 'no file',
  }))
  expect(read).toMatchObject({ ok: true })
})

test('the chart is of the version that this is', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(parse(textOf('Chart.yaml'))).toMatchObject({ version, appVersion: version })
})
