import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { ServiceConfig } from '../../src/service/load_configuration.ts'
import { reloaded } from '../../src/service/reloaded.ts'
import { configOf } from '../support/files/config_text.ts'
import { quietLog } from '../support/quiet_log.ts'

/** What the log warns of when a farmprobe that started with a configuration, and has another, reads a third. */
async function warnedOf(started: string, before: string, after: string): Promise<string[]> {
  const { log, lines } = quietLog()
  const [first, last, next] = await Promise.all([started, before, after].map(read))
  if (first === undefined || last === undefined || next === undefined) throw new Error('not read')
  const metrics = createMetrics({ clock: systemClock, version: '1.2.3' })
  await reloaded(async () => ({ ok: true, config: next }), { started: first, before: last }, { log, metrics })
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
}

const read = (text: string): Promise<ServiceConfig> =>
  configOf(`${text}\nfarms: [{ name: a, url: "http://a.example.org" }]`)

test('what takes effect at the next start is compared with the start, not with the last reload', async () => {
  const [own, other] = ['web: { listen: "127.0.0.1:1" }', 'web: { listen: "127.0.0.1:2" }']
  const pending = ['`web` has changed: that takes effect at the next start']
  expect(await warnedOf(own, own, other)).toEqual(pending)
  expect(await warnedOf(own, other, other)).toEqual(pending)
  expect(await warnedOf(own, other, own)).toEqual([])
})

test('a journal that is to keep less does so from the next start on, which is said', async () => {
  expect(await warnedOf('', '', 'journal: { keep: 7d }')).toEqual([
    'journal.keep has changed: that takes effect at the next start',
  ])
})

test('what check warns of is told when it is new', async () => {
  const doubtful = 'alertmanagers: [{ url: "http://169.254.1.1" }]\ndefaults: { path: /robots.txt }'
  const warnings = await warnedOf('', '', doubtful)
  expect(warnings).toContainEqual(expect.stringContaining('home (/robots.txt) looks static'))
  expect(await warnedOf(doubtful, doubtful, `# a line more\n${doubtful}`)).toEqual([])
})
