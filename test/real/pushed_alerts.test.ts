/** Incidents on their way to people: farmprobe as users start it, Debian's Alertmanager, and a webhook at the end. */

import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { eventually } from '../support/eventually.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { binaryPath, suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { startWebhook } from '../support/servers/alert_webhook.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'

const promisedMs = 5000

/** Alertmanager that waits for nothing, so that what is measured is farmprobe's own. */
async function startAlertmanager(port: number, webhookUrl: string) {
  const dir = await tempDir()
  const route = { receiver: 'all', group_by: ['farm'], group_wait: '0s', group_interval: '1s' }
  const receivers = [{ name: 'all', webhook_configs: [{ url: webhookUrl }] }]
  const file = await dir.write('alertmanager.yaml', stringify({ route, receivers }))
  const args = [
    `--config.file=${file}`,
    `--storage.path=${dir.path}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]
  const name = 'prometheus-alertmanager'
  const process = await startProcess({ command: binaryPath(name) ?? name, args, port })
  return {
    async [Symbol.asyncDispose]() {
      await process.stop()
      await dir[Symbol.asyncDispose]()
    },
  }
}

const configOf = (nodes: Awaited<ReturnType<typeof startScriptedNodes>>, port: number) => ({
  ...shopConfig({
    balancer: nodes.named('balancer').address,
    nodes: [nodes.named('web01')],
    check: { interval: '1s', timeout: '2s' },
  }),
  incidents: { quiet: '2s' },
  alertmanagers: [{ url: `http://127.0.0.1:${port}` }],
})

suiteWith('prometheus-alertmanager')('from farmprobe through Alertmanager to a webhook', () => {
  test('an incident is told within 5 s of its first failure, and its end afterwards', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01')
    await using webhook = await startWebhook()
    const port = await freePort()
    await using _alertmanager = await startAlertmanager(port, webhook.url)
    await using _farmprobe = await startFarmprobe(configOf(nodes, port))
    const balancer = nodes.named('balancer')
    await eventually(
      'some probes',
      () => balancer.requests.length,
      (count) => count > 2,
    )
    balancer.behave({ does: 'answer', status: 502 })
    const failedMs = Date.now()
    const first = await eventually(
      'the alert',
      () => webhook.told.find(({ status }) => status === 'firing'),
      (told) => told !== undefined,
    )
    const tookMs = (first?.atMs ?? 0) - failedMs
    console.log(`from the first 502 to the webhook: ${(tookMs / 1000).toFixed(1)} s`)
    expect(tookMs).toBeLessThanOrEqual(promisedMs)
    expect(first?.labels).toMatchObject({ alertname: 'FarmprobeIncident', farm: 'shop', impact: 'users' })
    expect(first?.annotations['summary']).toMatch(/requests to shop have failed/i)
    await eventually(
      'a page',
      () =>
        webhook.told.some(({ labels, status }) => labels['severity'] === 'critical' && status === 'firing'),
      Boolean,
    )
    balancer.behave({ does: 'answer' })
    await eventually(
      'the end',
      () =>
        webhook.told.some(({ labels, status }) => labels['severity'] === 'critical' && status === 'resolved'),
      Boolean,
    )
  })

  test('an incident that goes on when Alertmanager comes is told then', async () => {
    await using nodes = await startScriptedNodes('balancer', 'web01')
    await using webhook = await startWebhook()
    const port = await freePort()
    await using farmprobe = await startFarmprobe(configOf(nodes, port))
    nodes.named('balancer').behave({ does: 'answer', status: 502 })
    await farmprobe.process.line(/notifications do not reach 127\.0\.0\.1:\d+: nothing listens there/)
    await using _alertmanager = await startAlertmanager(port, webhook.url)
    await farmprobe.process.line(/notifications reach 127\.0\.0\.1:\d+ again/, 40_000)
    await eventually(
      'the alert',
      () => webhook.told.some(({ labels, status }) => labels['farm'] === 'shop' && status === 'firing'),
      Boolean,
    )
    const samples = await farmprobe.metrics()
    const results = samples.filter(({ name }) => name === 'farmprobe_notifications_total')
    expect(results.map(({ labels, value }) => [labels['result'], value > 0])).toEqual([
      ['sent', true],
      ['failed', true],
      ['dropped', false],
    ])
  })
})
