import { expect, test } from 'vitest'
import { audit, rules } from '../../../src/iis/audit/rules.ts'
import { sarif } from '../../../src/iis/audit/sarif.ts'
import { fixture, machineOf, planted } from '../../support/files/iis_files.ts'

test('findings are SARIF 2.1.0 with their rule, level and region', async () => {
  const text = planted(fixture('balancer'), ['minServers="2"', 'minServers="0"'])
  const findings = audit([await machineOf(text, {}, './farms/my balancer.config')])
  expect(sarif(findings, [], rules, '1.2.3')).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'farmprobe', version: '1.2.3' } },
        results: [
          {
            ruleId: 'arr-min-servers-zero',
            ruleIndex: rules.findIndex(({ id }) => id === 'arr-min-servers-zero'),
            level: 'warning',
            message: {
              text: expect.stringContaining('web farm "shop": minServers is 0. When the health check'),
            },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'farms/my%20balancer.config' },
                  region: { startLine: 59, startColumn: 100 },
                },
              },
            ],
          },
        ],
      },
    ],
  })
})

test('a finding about a whole file has no region, and a Windows path is a file URI', async () => {
  const [node, other] = [
    await machineOf(fixture('node'), {}, 'C:\\iis\\a.config'),
    await machineOf(planted(fixture('node'), ['path="/reports"', 'path="/r"']), {}, 'C:\\iis\\b.config'),
  ]
  const findings = audit([node, other]).filter(({ place }) => place.line === 0)
  const { runs } = sarif(findings, [], rules, '1')
  expect(runs[0]?.results?.[0]?.locations).toEqual([
    { physicalLocation: { artifactLocation: { uri: 'file:///C:/iis/a.config' } } },
  ])
})
