import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoScenario } from '../../../src/simulator/demo_farm.ts'
import { apiRoutes } from '../../../src/web/api/api_routes.ts'
import { openapi } from '../../../src/web/api/openapi.ts'
import { journalIn } from '../../support/files/temp_journal.ts'
import { sampleApp } from '../../support/web/sample_web.ts'
import { stageService } from '../../support/web/staged_service.ts'

const document = openapi(apiRoutes, '1.2.3')

/** The schema of an answer, as the document has it. */
function schemaOf(path: string, method: 'get' | 'post', status: string): object {
  const pointer = [path, method, 'responses', status, 'content']
  let found: unknown = document.paths
  for (const key of pointer) found = (found as Record<string, unknown>)[key]
  return (Object.values(found as object)[0] as { schema: object }).schema
}

/** What is wrong with an answer. */
function problemsOf(path: string, method: 'get' | 'post', status: string, answer: unknown) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const validate = ajv.compile(schemaOf(path, method, status))
  validate(answer)
  return validate.errors ?? []
}

describe('the document', () => {
  test('is served, and names every path of the API', async () => {
    const response = await sampleApp().request('/api/v1/openapi.json')
    const served = (await response.json()) as typeof document
    expect(served.openapi).toBe('3.1.0')
    for (const path of Object.keys(served.paths).filter((path) => !path.includes('{')))
      expect([path, (await sampleApp().request(path, { method: 'HEAD' })).status]).not.toEqual([path, 404])
  })

  test('has every route of the API', () => {
    const routed = sampleApp().routes.filter(
      ({ method, path }) => method !== 'ALL' && path.startsWith('/api/v1/'),
    )
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const names = new Set(routed.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/, '{$1}')}`))
    expect([...names].sort()).toEqual([...documented, 'GET /api/v1/openapi.json'].sort())
  })

  test('has no reference that leads out of it', () => {
    expect(JSON.stringify(document)).not.toMatch(/"\$ref":"(?!#)/)
  })
})

describe.each(['memory', 'journal'])('answers from the %s keep to the document', (source) => {
  const owned = new AsyncDisposableStack()
  let ask: (path: string) => Promise<unknown>

  beforeAll(async () => {
    const journals = owned.use(await journalIn(Date.now()))
    const journal = journals.open()
    const staged = owned.use(await stageService(demoScenario(3), 3, 20 * 60_000, journal))
    const nowMs = Math.ceil(staged.clock.wallMs())
    const mark = { atMs: nowMs, text: 'rebooted', farm: 'demo', target: 'web01' }
    staged.live.marked(mark)
    journal.note({ kind: 'mark', ...mark })
    await journals.clock.advance(5000)
    const history = () => (source === 'journal' ? journal : staged.live.recent)
    const app: Hono = sampleApp({ ...staged.ports, history })
    ask = async (path) => {
      const span = `since=${nowMs - 3_600_000}&until=${nowMs + 1000}`
      return (await app.request(`${path}${path.includes('?') ? '&' : '?'}${span}`)).json()
    }
  }, 30_000)

  afterAll(() => owned.disposeAsync())

  test.each([
    ['/api/v1/farms', ''],
    ['/api/v1/events', ''],
    ['/api/v1/incidents', ''],
    ['/api/v1/strips', ''],
    ['/api/v1/failures', ''],
    ['/api/v1/marks', ''],
    ['/api/v1/marks', '?format=grafana'],
    ['/api/v1/series', '?farm=demo&target=web01'],
    ['/api/v1/series', '?farm=demo&target=balancer&check=home'],
  ])('%s%s', async (path, query) => {
    const answer = await ask(`${path}${query}`)
    expect(problemsOf(path, 'get', '200', answer)).toEqual([])
    expect(JSON.stringify(answer).length).toBeGreaterThan(/marks|incidents/.test(path) ? 80 : 1000)
  })

  test('/api/v1/incidents/{id}, whose events all belong to it', async () => {
    const { incidents } = (await ask('/api/v1/incidents?limit=1')) as { incidents: { id: string }[] }
    const [{ id } = { id: '' }] = incidents
    const answer = (await ask(`/api/v1/incidents/${id}`)) as { id: string; events: { incident?: string }[] }
    expect(problemsOf('/api/v1/incidents/{id}', 'get', '200', answer)).toEqual([])
    expect(answer.id).toBe(id)
    expect(new Set(answer.events.map((event) => event.incident ?? id))).toEqual(new Set([id]))
    const refusal = await ask('/api/v1/incidents/none-20260101-000000')
    expect(problemsOf('/api/v1/incidents/{id}', 'get', '4XX', refusal)).toEqual([])
  })

  test('a refusal too', async () => {
    const refusal = await ask('/api/v1/events?farm=other')
    expect(problemsOf('/api/v1/events', 'get', '4XX', refusal)).toEqual([])
  })

  test('and what the document does not have is noticed', async () => {
    const answer = (await ask('/api/v1/farms')) as object
    expect(problemsOf('/api/v1/farms', 'get', '200', { ...answer, unheardOf: 1 })).toHaveLength(1)
  })
})
