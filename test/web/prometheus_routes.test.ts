import { describe, expect, test } from 'vitest'
import { sampleCheck, sampleFarm, sampleNode } from '../support/farms/sample_farm.ts'
import { sampleApp } from '../support/web/sample_web.ts'

describe('/sd', () => {
  test('lists the targets that are probed, for Prometheus', async () => {
    const nodes = [sampleNode('web01', { host: 'fd00::1', port: 8080, scheme: 'http' })]
    const checks = [sampleCheck({ targets: ['node'] }), sampleCheck({ name: 'login', targets: ['node'] })]
    const response = await sampleApp({ farms: () => [sampleFarm({ nodes, checks })] }).request('/sd')
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(await response.json()).toEqual([
      {
        targets: ['[fd00::1]:8080'],
        labels: {
          __meta_farmprobe_farm: 'intranet',
          __meta_farmprobe_role: 'node',
          __meta_farmprobe_target: 'web01',
          __meta_farmprobe_scheme: 'http',
          __meta_farmprobe_url: 'https://intranet.example.org',
          __meta_farmprobe_checks: ',home,login,',
        },
      },
    ])
  })

  test('is an empty list while there is no farm', async () => {
    expect(await (await sampleApp({ farms: () => [] }).request('/sd')).json()).toEqual([])
  })
})
