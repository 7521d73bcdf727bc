import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { main } from '../support/processes/node_settings.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { askPrometheus, found, startShippedPrometheus } from '../support/processes/shipped_stack.ts'
import { alertRules, recordingRules, textOf } from '../support/rules/rule_files.ts'
import { freePort } from '../support/servers/loopback_port.ts'

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
  }[]
}

suiteWith('prometheus')('Prometheus on the shipped file, beside the demo', () => {
  test('is what docs/grafana.md says to start', () => {
    expect(textOf('docs/grafana.md')).toContain(
      'prometheus --config.file=dashboards/prometheus/prometheus.yaml',
    )
    expect(textOf('package.json')).toMatch(/"start": "node bin\/farmprobe.js demo"/)
  })

  test('finds every rule healthy, and counts recorded', { timeout: 150_000 }, async () => {
    const port = await freePort()
    const args = [main, 'demo', '--port', `${port}`]
    await using _demo = await startProcess({ command: process.execPath, args, port })
    await using prometheus = await startShippedPrometheus(`localhost:${port}`)
    const states = async () => {
      const { groups } = await askPrometheus<Rules>(prometheus, 'rules')
      return groups
        .flatMap(({ rules }) => rules)
        .map(({ name, health, lastError }) => ({ name, health, lastError }))
    }
    const names = [...recordingRules.map(({ record }) => record), ...alertRules.map(({ alert }) => alert)]
    const healthy = names.map((name) => ({ name, health: 'ok', lastError: undefined }))
    const evaluated = await eventually(
      'every rule being looked at',
      states,
      (rules) => rules.length > 0 && rules.every(({ health }) => health !== 'unknown'),
      45_000,
    )
    expect(new Set(evaluated)).toEqual(new Set(healthy))
    for (const record of ['farm:farmprobe_watchers:count', 'farm:farmprobe_balancer_probes:5m'])
      await eventually(
        record,
        () => found(prometheus, record),
        ({ length }) => length === 1,
        75_000,
      )
  })
})
