import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { binaryPath, suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { type RealPrometheus, startPrometheus } from '../support/processes/real_prometheus.ts'
import { parseExposition, select, totalBy } from '../support/rules/exposition.ts'

const openMetrics = 'application/openmetrics-text;version=1.0.0'

suiteWith('prometheus', 'promtool')('a real Prometheus', () => {
  test('scrapes both formats and answers with the numbers of /metrics', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01', 'web02')
    nodes.named('web02').behave({ does: 'answer', status: 503 })
    await using farmprobe = await startShop(nodes.named('balancer').address, nodes.all.slice(1), '4s')
    await using text = await startTextOnly(farmprobe)
    const jobs = { openmetrics: new URL(farmprobe.url).host, text: text.address }
    await using prometheus = await startPrometheus(jobs)
    for (const job of Object.keys(jobs)) {
      const { asked, shown } = await atOneMoment(farmprobe, prometheus, job)
      expect({ job, asked }).toEqual({ job, asked: shown })
      expect(asked['503']).toBeGreaterThan(0)
    }
    expect(text.types()).toEqual(['text/plain'])
    expect((await farmprobe.get('/metrics', openMetrics)).type).toContain('application/openmetrics-text')
  })

  test('reads native histograms, and the same counters, where both are asked for them', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01', 'web02')
    nodes.named('web02').behave({ does: 'answer', status: 503 })
    const config = shopFarm(nodes.named('balancer').address, nodes.all.slice(1), '4s')
    await using farmprobe = await startFarmprobe(config, '--metrics.native-histograms')
    const jobs = { native: new URL(farmprobe.url).host }
    await using prometheus = await startPrometheus(jobs, {}, '--enable-feature=native-histograms')
    const { shown, asked } = await atOneMoment(farmprobe, prometheus, 'native')
    expect(asked).toEqual(shown)
    const median = 'histogram_quantile(0.5, farmprobe_first_byte_seconds{target="web01"})'
    const [sample] = await eventually(
      'a median of what native buckets counted',
      () => prometheus.query(median),
      ([first]) => first !== undefined && first.value > 0,
    )
    const seconds = farmprobe.probes().flatMap(({ target, firstByteMs }) => {
      return target === 'web01' && firstByteMs !== undefined ? [firstByteMs / 1000] : []
    })
    // Each bucket is 9 % wide; of the classic ones the first ends at 5 ms.
    expect(sample?.value).toBeGreaterThan(Math.min(...seconds) / 1.1)
    expect(sample?.value).toBeLessThan(Math.max(...seconds) * 1.1)
    expect(await prometheus.query('farmprobe_first_byte_seconds_bucket')).toEqual([])
    const names = await prometheus.query('count by (__name__) ({__name__=~".+", job="native"})')
    expect(names.map(({ labels }) => labels.__name__)).toContain('process_cpu_seconds_total')
  })

  test('would find nothing to object to in our families', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01')
    await using farmprobe = await startShop(nodes.named('balancer').address, nodes.all.slice(1), '250ms')
    await eventually('a first answer', farmprobe.metrics, (metrics) =>
      select(metrics, 'farmprobe_responses_total').some(({ value }) => value > 0),
    )
    const ours = familiesOfOurs((await farmprobe.get('/metrics')).text)
    expect(ours).toContain('farmprobe_responses_total{')
    const verdict = spawnSync(binaryPath('promtool') ?? '', ['check', 'metrics'], {
      input: ours,
      encoding: 'utf8',
    })
    expect({ status: verdict.status, said: verdict.stdout + verdict.stderr }).toEqual({ status: 0, said: '' })
  })
})

type Nodes = Parameters<typeof shopConfig>[0]['nodes']

const shopFarm = (balancer: string, nodes: Nodes, interval: string) =>
  shopConfig({ balancer, nodes, check: { interval, timeout: '2s', burst: false } })

const startShop = (balancer: string, nodes: Nodes, interval: string) =>
  startFarmprobe(shopFarm(balancer, nodes, interval))

/** Asks Prometheus for a scrape that lies between two readings of /metrics that do not differ. */
async function atOneMoment(farmprobe: Farmprobe, prometheus: RealPrometheus, job: string) {
  const series = `farmprobe_responses_total{job="${job}"}`
  return eventually(
    `a scrape of ${job} between two ticks`,
    async () => {
      const shown = await codes(farmprobe)
      const readAt = Date.now() / 1000
      await eventually(
        'a scrape',
        () => scrapedAt(prometheus, job),
        (at) => at > readAt,
      )
      const answer = await prometheus.query(`sum by (code) (${series}) > 0`)
      const asked = Object.fromEntries(answer.map(({ labels, value }) => [labels.code ?? '', value]))
      return { shown, asked, after: await codes(farmprobe) }
    },
    ({ shown, after }) => JSON.stringify(shown) === JSON.stringify(after) && Object.keys(shown).length > 1,
    30_000,
  )
}

const codes = async (farmprobe: Farmprobe) =>
  totalBy(select(await farmprobe.metrics(), 'farmprobe_responses_total'), 'code')

async function scrapedAt(prometheus: RealPrometheus, job: string): Promise<number> {
  const [sample] = await prometheus.query(`min(timestamp(farmprobe_responses_total{job="${job}"}))`)
  return sample?.value ?? 0
}

/** Prometheus 2.42 always asks for OpenMetrics; this passes its scrapes on as a client that only knows text. */
async function startTextOnly(farmprobe: Farmprobe) {
  const types = new Set<string>()
  const server = createServer((_, response) => {
    void farmprobe.get('/metrics').then(({ type, text }) => {
      types.add(type.split(';')[0] ?? '')
      response.writeHead(200, { 'content-type': type }).end(text)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    types: () => [...types],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The client library's own families are not ours to name. */
function familiesOfOurs(text: string): string {
  const ours = text.split('\n').filter((line) => /^(# \w+ )?farmprobe_/.test(line))
  expect(parseExposition(ours.join('\n')).length).toBeGreaterThan(50)
  return `${ours.join('\n')}\n`
}
