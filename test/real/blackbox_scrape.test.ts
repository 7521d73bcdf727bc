/** A scrape configuration written for blackbox_exporter, in a real Prometheus, with nothing changed but the address. */
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startPrometheus } from '../support/processes/real_prometheus.ts'
import { startHttpServer } from '../support/servers/http_server.ts'
import { tempDir } from '../support/temp_dir.ts'

suiteWith('prometheus')('a real Prometheus', () => {
  test('scrapes /probe with the usual relabelling, and sees which target is down', async () => {
    await using dir = await tempDir()
    const modules = await dir.write(
      'blackbox.yml',
      'modules: { http_ok: { prober: http, http: { preferred_ip_protocol: ip4 } } }',
    )
    await using up = await startHttpServer((_, response) => void response.end('hello'))
    await using down = await startHttpServer((_, response) => void response.writeHead(502).end())
    const [upUrl, downUrl] = [up, down].map(({ port }) => `http://127.0.0.1:${port}/`)
    const farms = [
      { name: 'shop', url: `http://127.0.0.1:${up.port}`, checks: [{ name: 'home', interval: '1h' }] },
    ]
    await using farmprobe = await startFarmprobe({
      farms,
      blackbox: { modules, allow: [`127.0.0.1:${down.port}`] },
    })
    await using prometheus = await startPrometheus(
      { blackbox: new URL(farmprobe.url).host },
      {
        metrics_path: '/probe',
        params: { module: ['http_ok'] },
        static_configs: [{ targets: [upUrl, downUrl] }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: new URL(farmprobe.url).host },
        ],
      },
    )
    const series = await eventually(
      'both targets',
      () => prometheus.query('probe_success and on (instance) up == 1'),
      (samples) => samples.length === 2,
    )
    expect(Object.fromEntries(series.map(({ labels, value }) => [labels.instance, value]))).toEqual({
      [String(upUrl)]: 1,
      [String(downUrl)]: 0,
    })
    const phases = await prometheus.query(`probe_http_duration_seconds{instance="${upUrl}"}`)
    expect(phases.map(({ labels }) => labels.phase).toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(
      ['connect', 'processing', 'resolve', 'tls', 'transfer'],
    )
    const [timeout] = await prometheus.query(`probe_timeout_seconds{instance="${upUrl}"}`)
    expect(timeout?.value).toBe(0.5)
  })
})
