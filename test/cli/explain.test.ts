import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { explain } from '../../src/cli/explain.ts'
import { anIncident, incidentClosed } from '../support/farms/sample_events.ts'
import { journalIn } from '../support/files/temp_journal.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { tempDir } from '../support/temp_dir.ts'

/** As ARR writes it; the second request was answered by a node. */
const log = `#Software: Microsoft Internet Information Services 10.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken
2026-03-03 08:14:41 10.0.0.5 GET /orders id=7&X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=6f1c9a52-7a4e-4b6e-9a5e-0f3a2b1c0d9e 443 - 198.51.100.7 probe/1.0 - 502 3 12002 30014
2026-03-03 08:14:49 10.0.0.5 GET /orders id=8&X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=0b8e5c1d-1111-4b6e-9a5e-0f3a2b1c0d9e&SERVER-STATUS=200 443 - 198.51.100.9 probe/1.0 - 200 0 0 112
2026-03-03 08:15:20 10.0.0.5 GET /orders id=9&X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=0b8e5c1d-2222-4b6e-9a5e-0f3a2b1c0d9e 443 - 198.51.100.9 probe/1.0 - 502 3 64 4012
`

async function explained(text: string, flags = {}) {
  await using dir = await tempDir()
  const file = await dir.write('arr.log', text)
  const { edge, stdout, stderr } = capturedEdge()
  const code = await explain([file], flags, edge)
  return { code, stdout: stdout().replaceAll(file, 'arr.log'), stderr: stderr().replaceAll(file, 'arr.log') }
}

test('an incident is told with what it rests on; clients that left are counted apart', async () => {
  const { code, stdout } = await explained(log)
  expect(code).toBe(1)
  expect(stdout).toMatchInlineSnapshot(`
    "the farm: 3 requests, 1 failed (33 %), in 1 incident; 1 client left before the answer: no fault of the farm (502.3.64)

    2026-03-03 08:14:10 UTC  30 s  a node was slower than the balancer waits
      For 30 s requests to the farm failed (1 × 502): a node was slower than the balancer waits.
      asked for  /orders
      because  1 × 502.3.12002: the balancer waited 30 s for the node in vain  [arr.log:3]
      cure  Find what is slow on the node, or raise the balancer's time-out (in ARR the farm's proxy timeout) above the slowest page

    To know more
      the logs of the nodes were not given: they tell which node it was, and whether it started cold or one page was slow
      the event logs of the nodes were not given: they tell which workers recycled, and why. On each node: Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-WAS'} | ForEach-Object ToXml > was.xml
      the HTTPERR logs of the nodes (%SystemRoot%\\System32\\LogFiles\\HTTPERR) were not given: they tell which requests a worker took along when it ended
    "
  `)
})

test('a clock of a node that is apart is said', async () => {
  await using dir = await tempDir()
  const node =
    '#Fields: date time s-computername cs-uri-stem sc-status sc-win32-status time-taken X-ARR-LOG-ID\n' +
    '2026-03-03 08:16:26 WEB01 /orders 200 64 45014 6f1c9a52-7a4e-4b6e-9a5e-0f3a2b1c0d9e\n'
  const files = [await dir.write('arr.log', log), await dir.write('web01.log', node)]
  const { edge, stdout } = capturedEdge()
  expect(await explain(files, {}, edge)).toBe(1)
  expect(stdout()).toContain(
    "Clocks\n  web01's clock is 1 min 30 s ahead of the balancer's, by 1 request of both logs (X-ARR-LOG-ID); its times are corrected",
  )
})

test('--json is one document, --since and --until narrow it, and nothing found ends with 0', async () => {
  const { code, stdout } = await explained(log, { json: true, since: Date.UTC(2026, 2, 3, 8, 14, 45) })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ requests: 2, failed: 0, left: 1, incidents: [] })
})

const fixture = (name: string) => fileURLToPath(new URL(`../iis/fixtures/${name}.config`, import.meta.url))

test('--farm-config names the farm; what has none ends with 2', async () => {
  const named = await explained(log, { farmConfig: fixture('balancer'), farm: 'intranet' })
  expect([named.code, named.stdout]).toEqual([1, expect.stringMatching(/^intranet: 3 requests/)])
  const none = await explained(log, { farmConfig: fixture('node') })
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('has no web farm')])
  const wrong = await explained(log, { farmConfig: fixture('balancer'), farm: 'shpo' })
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('no web farm shpo, but intranet, shop'),
  ])
})

test('--farm-config with several farms says which hosts are of which', async () => {
  const hosts = ['shop.example.com', 'intranet.example.org:443', 'shop.example.com']
  const rows = hosts.map((host) => `2026-03-03 08:14:41 ${host} /a - 502 3 12029 10\n`)
  const fields =
    'date time cs-host cs-uri-stem cs-uri-query sc-status sc-substatus sc-win32-status time-taken'
  const text = `#Fields: ${fields}\n${rows.join('')}`
  const { stdout } = await explained(text, { farmConfig: fixture('balancer') })
  expect(stdout).toContain('shop, intranet: 3 requests, 3 failed (100 %), in 2 incidents\n')
  expect(stdout).toContain(
    'Farms\n  shop: 2 requests, 2 failed (100 %)\n  intranet: 1 request, 1 failed (100 %)\n',
  )
})

test('--journal tells what farmprobe saw of each incident; one that cannot be read ends with 2', async () => {
  await using journal = await journalIn(Date.UTC(2026, 2, 3, 8))
  const openedMs = Date.UTC(2026, 2, 3, 8, 14, 5)
  const writer = journal.open()
  writer.record(
    incidentClosed(
      anIncident({ farm: 'the farm', openedMs, node: 'web01', cause: 'timeout', summary: 'It failed.' }),
    ),
  )
  await journal.clock.advance(3_600_000)
  writer.close()
  const seen = await explained(log, { journal: journal.path })
  expect(seen.stdout).toContain(
    `  farmprobe  It failed. (web01 was slower than the balancer waits; intranet-${openedMs})\n`,
  )
  expect(seen.stdout).toContain(
    'farmprobe\n  It saw 1 of 1 incidents; in 0 it tells the same culprit, in 0 the same cause too\n',
  )
  const later = await explained(log.replaceAll('2026-03-03', '2026-04-03'), { journal: journal.path })
  expect(later.stdout).toContain('  farmprobe  its journal has nothing of that time\n')
  const none = await explained(log, { journal: `${journal.path}.old` })
  expect([none.code, none.stderr]).toEqual([
    2,
    expect.stringContaining('the journal cannot be read: there is no such file'),
  ])
})

test('--journal that is damaged, wherever, ends with what the logs tell, or with 2 and the reason', async () => {
  await using journal = await journalIn(Date.UTC(2026, 2, 3, 8))
  const writer = journal.open()
  const openedMs = Date.UTC(2026, 2, 3, 8, 14, 5)
  for (let n = 0; n < 100; n++)
    writer.record(incidentClosed(anIncident({ id: `a-${n}`, openedMs: openedMs + n })))
  await journal.clock.advance(3_600_000)
  writer.close()
  const whole = await readFile(journal.path)
  const pageBytes = 4096
  const codes: number[] = []
  for (let at = pageBytes; at < whole.length; at += pageBytes) {
    await writeFile(journal.path, Buffer.from(whole).fill(0xff, at, at + pageBytes))
    const { code, stderr } = await explained(log, { journal: journal.path })
    codes.push(code)
    expect(stderr).toMatch(code === 1 ? /^$/ : /^\S+: the journal cannot be read: it is \S/)
  }
  expect(new Set(codes)).toEqual(new Set([1, 2]))
})

test('--html that cannot be written is said', async () => {
  expect(await explained(log, { html: '/no/such/a.html' })).toEqual({
    code: 2,
    stdout: '',
    stderr: '--html: /no/such/a.html cannot be written: no such directory\n',
  })
})

test('--html writes one page with a strip, in which nothing of a log is markup', async () => {
  await using dir = await tempDir()
  const html = join(dir.path, 'a.html')
  const { stdout, stderr } = await explained(log.replaceAll('/orders', '/<script>alert(1)</script>'), {
    html,
  })
  const page = await readFile(html, 'utf8')
  expect([stdout, stderr]).toEqual(['', `wrote ${html}\n`])
  expect(page).toContain('<svg')
  expect(page).toContain('a node was slower than the balancer waits')
  expect(page).not.toContain('<script')
})

test.each([
  ['', 'it is empty'],
  ['# farmprobe\n', 'it begins with "# farmprobe": neither a W3C log'],
  ['2026-03-03 08:14:41 10.0.0.5 GET /orders - 200\n', 'it has entries but no #Fields line before them'],
  ['#Fields: date c-ip\n2026-03-03 10.0.0.5\n', 'its #Fields have no time and no sc-status'],
  ['<html/>', 'it is XML, but neither'],
  ['\0\u0001\u0002'.repeat(1000), 'it begins with'],
])('what is no log ends with 2 and says why: %j', async (text, why) => {
  const { code, stderr } = await explained(text)
  expect([code, stderr]).toEqual([2, expect.stringContaining(`arr.log: ${why}`)])
})
