import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { settled, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { moreAnswers, shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { select, total, totalBy } from '../support/rules/exposition.ts'

suiteWith('nginx')('a node behind nginx', () => {
  test("killed for 1.5 s shows as refused, and as exactly nginx's own count of 502s", async () => {
    await using nodes = await startScriptedNodes('web01', 'web02', 'web03')
    const addresses = nodes.all.map(({ address }) => address)
    await using nginx = await startNginx({ nodes: addresses, timeoutMs: 2000 })
    const check = { interval: '500ms', timeout: '5s' }
    await using farmprobe = await startFarmprobe(
      shopConfig({ balancer: nginx.address, nodes: nodes.all, check }),
    )
    await moreAnswers(nginx, 2)
    // Between two ticks, so that no request is cut off half way.
    const before = await settled(farmprobe, nginx.log)
    expect(total(before.metrics, 'farmprobe_responses_total', { role: 'balancer', code: '502' })).toBe(0)

    await nodes.named('web02').kill()
    await delay(1500)
    await nodes.named('web02').restart()
    await moreAnswers(nginx, 2)
    const { metrics, log } = await settled(farmprobe, nginx.log)

    const ofNginx = log.filter(({ status }) => status === 502)
    expect(ofNginx.length).toBeGreaterThan(0)
    expect(ofNginx.every(({ node }) => node === nodes.named('web02').address)).toBe(true)
    expect(total(metrics, 'farmprobe_responses_total', { role: 'balancer', code: '502' })).toBe(
      ofNginx.length,
    )
    expect(Object.keys(resultsOf(metrics, 'web02')).sort()).toEqual(['ok', 'refused'])
    expect(Object.keys(resultsOf(metrics, 'web01'))).toEqual(['ok'])
    expect(Object.keys(resultsOf(metrics, 'web03'))).toEqual(['ok'])
  })
})

const resultsOf = (metrics: Parameters<typeof select>[0], target: string) =>
  totalBy(select(metrics, 'farmprobe_probes_total', { target }), 'result')
