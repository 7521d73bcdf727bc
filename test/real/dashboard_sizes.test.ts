/** The dashboards at a farm of one node and at one of two hundred: what they ask is answered, and stays readable. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { eventually } from '../support/eventually.ts'
import { anIncident, incidentClosed, incidentOpened } from '../support/farms/sample_events.ts'
import { sampleFarm, sampleOutcome } from '../support/farms/sample_farm.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startPrometheus } from '../support/processes/real_prometheus.ts'
import { panelQueries } from '../support/rules/dashboard_queries.ts'
import { askAsGrafana } from '../support/rules/grafana_queries.ts'

/** A graph of more series than this is a thicket. */
const readable = 20

const about = { farm: 'intranet', maintenance: false }
const values = { farm: 'intranet', node: 'web001', rateInterval: '10s', range: '2m' }

/** The table scrolls; of its columns these four have something to say of every target. */
const rowed = panelQueries.filter(({ panel }) => panel?.type === 'table').slice(0, 4)
const drawn = panelQueries.filter(({ panel }) => panel?.type !== 'table')

suiteWith('prometheus')('on a real Prometheus, with a farm', () => {
  test.concurrent.for([1, 200])(
    'of %d nodes, every graph stays readable',
    { timeout: 60_000 },
    async (count) => {
      await using farm = await startFarm(count)
      await using prometheus = await startPrometheus({ farmprobe: farm.host })
      await eventually('scrapes', farm.scrapes, (scrapes) => scrapes >= 6, 30_000)

      const crowded = []
      for (const query of drawn) {
        const found = (await askAsGrafana(prometheus, query, values)).length
        if (found > readable) crowded.push(`${query.where}: ${found}`)
      }
      expect(crowded).toEqual([])

      const rows = new Set<number>()
      for (const query of rowed) rows.add((await askAsGrafana(prometheus, query, values)).length)
      expect([...rows]).toEqual([count + 1])
    },
  )

  test('whose first incident came between two scrapes, it counts on every panel', {
    timeout: 60_000,
  }, async () => {
    await using farm = await startFarm(1)
    await using prometheus = await startPrometheus({ farmprobe: farm.host })
    // Of a farmprobe that is new to Prometheus nobody can tell when its first events were: it is known for an interval.
    await eventually('scrapes', farm.scrapes, (scrapes) => scrapes >= 13, 30_000)
    farm.trouble()
    const after = farm.scrapes() + 4
    await eventually('more scrapes', farm.scrapes, (scrapes) => scrapes >= after, 30_000)

    const told = panelQueries.filter(({ where }) =>
      /: (Open now|Time lost|Incidents|Stalls|Length of stalls)\b/.test(where),
    )
    const found = new Map<string, number>()
    for (const query of told) {
      const series = await askAsGrafana(prometheus, query, values)
      const numbers = series.flatMap(({ value, values: along = [] }) => [...along, ...(value ? [value] : [])])
      found.set(query.where, Math.round(Math.max(...numbers.map(([, number]) => Number(number)))))
    }
    expect(Object.fromEntries(found)).toEqual({
      'farmprobe / Farm: Open now: A': 1,
      'farmprobe / Farm: Time lost: A': 41,
      'farmprobe / Farm: Incidents: A': 1,
      'farmprobe / Farm: Incidents per day by cause: A': 1,
      'farmprobe / Farm: Stalls by node: A': 1,
      'farmprobe / Node: Stalls: A': 1,
      'farmprobe / Node: Length of stalls: A': 1,
    })
  })
})

/** Shows the metrics of a farm of which everything was probed once more at each scrape, and a third answered 502. */
async function startFarm(count: number) {
  const names = Array.from({ length: count }, (_, index) => `web${`${index + 1}`.padStart(3, '0')}`)
  const metrics = createMetrics({ clock: systemClock, version: '0.0.0' })
  metrics.setFarms([sampleFarm({}, names)])
  metrics.setProbers([0])
  let scrapes = 0
  const server = createServer((request, response) => {
    scrapes++
    const failed = { status: 502, reason: 'status', origin: 'iis-gateway' } as const
    for (const [index, target] of ['balancer', ...names].entries()) {
      const role = index === 0 ? 'balancer' : 'node'
      metrics.observe(sampleOutcome({ role, target, ...((scrapes + index) % 3 === 0 && failed) }))
      metrics.set('farmprobe_baseline_first_byte_seconds', { farm: 'intranet', target, check: 'home' }, 0.04)
    }
    const { contentType, chunks } = metrics.render(request.headers.accept)
    response.writeHead(200, { 'content-type': contentType })
    void sendAll(chunks, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    scrapes: () => scrapes,
    /** An incident that users felt and that is over, a hidden one that goes on, and a stall. */
    trouble() {
      metrics.record(incidentClosed(anIncident({ node: 'web001' })))
      metrics.record(incidentOpened(anIncident({ impact: 'hidden' })))
      metrics.record({
        kind: 'stall',
        ...about,
        atMs: Date.now(),
        target: 'web001',
        lengthMs: 3000,
        probes: 3,
      })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function sendAll(
  chunks: AsyncIterable<string | Uint8Array>,
  response: { write(chunk: string | Uint8Array): unknown; end(): unknown },
): Promise<void> {
  for await (const chunk of chunks) response.write(chunk)
  response.end()
}
