/** The workflows, held against GitHub's own parser, and against what makes a release trustworthy. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

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
    Record<string, { readonly 'timeout-minutes': number; readonly steps: readonly Step[] }>
  >
}

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

  test('ends in reasonable time', () => {
    for (const job of Object.values(workflowOf(file).jobs))
      expect(job['timeout-minutes']).toBeLessThanOrEqual(45)
  })
})

test('CI runs what a developer runs', () => {
  expect(stepsOf('ci.yml').map(({ run }) => run)).toContain('bash .ci/run')
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

  test('hands the Dockerfile every argument that it takes, the base image by digest', () => {
    const asked = new Set(
      Array.from(readFileSync('Dockerfile', 'utf8').matchAll(/^ARG (\w+)/gm), ([, name]) => name),
    )
    const given = Array.from(build.matchAll(/--build-arg "(\w+)=/g), ([, name]) => name)
    expect(new Set(given)).toEqual(asked)
    expect(build).toContain('"NODE_IMAGE=$NODE_IMAGE@$BASE_DIGEST"')
    const [, base] = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? []
    expect(textOf('release.yml')).toContain(`NODE_IMAGE: ${base}\n`)
  })
})
