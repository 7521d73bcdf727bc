import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { startOrExplain } from '../../src/cli/run.ts'
import { loadConfig } from '../../src/config/load_config.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { eventually } from '../support/eventually.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { quietLog } from '../support/quiet_log.ts'
import { tempDir } from '../support/temp_dir.ts'

const text = (...nodes: string[]) =>
  `web: { listen: "127.0.0.1:0" }\nfarms: [{ name: a, url: "http://127.0.0.1:1", discover: { file: { path: nodes.json } }, ` +
  `nodes: [${nodes.map((name, i) => `{ name: ${name}, address: "127.0.0.1:${i + 2}" }`).join(', ')}], ` +
  'checks: [{ name: home, cron: "0 0 1 1 *" }] }]\n'

test('a reload is one log line, and so is each change that it or discovery makes', async () => {
  await using dir = await tempDir()
  await dir.write('nodes.json', '[]')
  const file = await dir.write('f.yaml', text('web01'))
  const load = () => loadConfig(file, {})
  const first = await load()
  if (!first.ok) throw new Error('not a configuration')
  const { log, lines } = quietLog()
  const service = await startOrExplain(first.config, capturedEdge().edge, {
    load,
    log,
    clock: systemClock,
    version: '1.2.3',
    lifecycle: false,
  })
  await using _running = { [Symbol.asyncDispose]: async () => service?.stop(0) }
  const next = async (count: number) => {
    await eventually(
      `line ${count}`,
      () => lines.length,
      (length) => length >= count,
    )
    return lines.slice(0, count)
  }
  await eventually(
    'farms',
    async () => (await fetch(`${service?.url}/-/ready`)).status,
    (status) => status === 200,
  )
  await writeFile(file, 'farms: 5')
  await service?.reload()
  await writeFile(file, text('web01', 'web02'))
  await service?.reload()
  await next(3)
  await dir.write('nodes.json', '[{ "targets": ["169.254.169.254:80", "10.0.0.9:80"] }]')
  await next(5)

  const plain = lines.map((line) =>
    line
      .replace(/"time":"[^"]*",/, '')
      .replaceAll(dir.path, '')
      .trimEnd(),
  )
  expect(plain).toEqual([
    '{"level":"error","self":"reload_refused","msg":"not reloaded: /f.yaml:1:8: farms: not a list: a number; write a list, each entry beginning with \\"- \\""}',
    '{"level":"info","self":"reload","farms":1,"msg":"configuration reloaded"}',
    '{"level":"info","self":"farm_changed","farm":"a","msg":"a: nodes added: web02"}',
    '{"level":"warn","self":"discovery","farm":"a","msg":"discovery: farm a: discover: 169.254.169.254:80 is left out: it is a link-local address, where clouds serve credentials; list it under nodes if it is to be probed"}',
    '{"level":"info","self":"farm_changed","farm":"a","msg":"a: nodes added: 10.0.0.9:80"}',
  ])
})
