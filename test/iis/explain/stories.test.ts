import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type ExplainOptions, explainLogs } from '../../../src/iis/explain/explain_logs.ts'
import { dayMs, hourMs } from '../../../src/runtime/duration.ts'
import { tempDir } from '../../support/temp_dir.ts'

const head =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status sc-substatus sc-win32-status time-taken'

/** `08:14:41 /orders 502.3.12002 30014`, as the balancer and a node log it. */
const balancer = (...rows: readonly string[]) =>
  log('10.0.0.5', 'X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=6f1c9a52', rows)
const node = (address: string, ...rows: readonly string[]) => log(address, '-', rows)

function log(address: string, query: string, rows: readonly string[]): string {
  const lines = rows.map((row) => {
    const [time = '', stem = '', code = '', taken = ''] = row.split(' ')
    const answered = query === '-' || /^502\.[34]/.test(code) ? '' : `&SERVER-STATUS=${code.slice(0, 3)}`
    const day = time.includes('T') ? time.replace('T', ' ') : `2026-03-03 ${time}`
    return `${day} ${address} GET ${stem} ${query}${answered} 443 198.51.100.7 ${code.replaceAll('.', ' ')} ${taken}`
  })
  return `${[head, ...lines].join('\r\n')}\r\n`
}

const eventAt = (atMs: number, id: number, computer: string, provider = 'Microsoft-Windows-WAS') =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${provider}"/><EventID>${id}</EventID>` +
  `<TimeCreated SystemTime="${new Date(atMs).toISOString()}"/><Computer>${computer}</Computer></System>` +
  '<EventData><Data Name="AppPoolID">intranet</Data></EventData></Event>\n'

async function explained(files: Readonly<Record<string, string | Uint8Array>>, options: ExplainOptions = {}) {
  await using dir = await tempDir()
  const paths = Object.keys(files).map((path) => join(dir.path, path))
  for (const path of new Set(paths.map(dirname))) await mkdir(path, { recursive: true })
  for (const [path, text] of Object.entries(files)) await writeFile(join(dir.path, path), text)
  const explanation = await explainLogs(paths, options)
  expect(explanation.files.filter(({ problem }) => problem !== undefined)).toEqual([])
  const told = explanation.incidents.map(({ node: who, cause, summary, why }) => ({
    node: who,
    cause,
    summary,
    why: why.map(({ sentence }) => sentence),
  }))
  return { ...explanation, told }
}

const steady = (from: string, count: number) =>
  Array.from({ length: count }, (_, at) => {
    const time = new Date(Date.parse(`2026-03-03T${from}Z`) + 3000 * at).toISOString().slice(11, 19)
    return `${time} / 200.0.0 20`
  })

test('a node that started cold logs 200 for what the user saw as 502', async () => {
  const { told, recycles } = await explained({
    'arr/u_ex.log': balancer(
      ...steady('08:13:00', 40),
      '08:15:41 /orders 502.3.12002 29889',
      '08:15:44 / 502.3.12002 30001',
    ),
    'web01/u_ex.log': node(
      '10.0.0.11',
      ...steady('08:13:00', 30),
      '08:15:56 /orders 200.0.64 44900',
      '08:15:57 / 200.0.64 43000',
    ),
    'web02/u_ex.log': node('10.0.0.12', ...steady('08:13:00', 90)),
    'web01/was.xml': eventAt(Date.UTC(2026, 2, 3, 8, 15, 10), 5186, 'WEB01.corp.example'),
  })
  expect(told).toMatchObject([
    {
      node: 'web01',
      cause: 'cold_start',
      summary: 'For 33 s requests to the farm failed (2 × 502): web01 was starting cold, 46 s.',
    },
  ])
  expect(told[0]?.why).toEqual([
    '2 × 502.3.12002: the balancer waited 30 s for the node in vain',
    'web01, pool intranet: ended by its idle time-out at 08:15:10 UTC (event 5186)',
    'web01 answered nobody for 46 s: 2 of its requests ended together at 08:15:57 UTC',
    'web01 logged 2 of these requests itself (200.0.64), up to 45 s long',
  ])
  expect(recycles).toMatchObject([
    { node: 'web01', pool: 'intranet', requests: 2, totalMs: 87_900, worstMs: 44_900 },
  ])
})

/** The balancer's log of requests for several hosts: `08:14:41 shop.example.org 502.3.12029`. */
const ofHosts = (...rows: readonly string[]) =>
  `#Fields: date time cs-host cs-uri-stem cs-uri-query sc-status sc-substatus sc-win32-status time-taken\r\n${rows
    .map((row) => {
      const [time = '', host = '', code = ''] = row.split(' ')
      return `2026-03-03 ${time} ${host} / - ${code.replaceAll('.', ' ')} 20\r\n`
    })
    .join('')}`

const ofBackend = (host: string) => (host.toLowerCase().includes('api') ? 'backend' : undefined)

const twoFarms = ofHosts(
  ...steady('08:13:00', 40).map((row) => row.replace('/', 'shop.example.org').replace(/ 20$/, '')),
  ...steady('08:13:00', 30).map((row) => row.replace('/', 'WWW.api.example.org:443').replace(/ 20$/, '')),
  '08:14:40 shop.example.org 502.3.12029',
  '08:14:41 api.example.org 502.3.12030',
  '08:14:42 shop.example.org 502.3.12029',
  '08:14:43 198.51.100.1 502.3.12029',
)

test('farms that share a balancer have their own incidents and shares; what asks for an address is of the largest', async () => {
  const { told, farms, requests } = await explained({ 'arr/u_ex.log': twoFarms })
  expect(farms).toEqual([
    { farm: 'shop.example.org', requests: 43, failed: 3 },
    { farm: 'api.example.org', requests: 31, failed: 1 },
  ])
  expect(requests).toBe(74)
  expect(told.map(({ summary }) => summary)).toEqual([
    'For 3 s three quarters of the requests to shop.example.org failed (3 × 502): a node refused connections.',
    'For 20 ms requests to api.example.org failed (1 × 502), probably because the balancer used a connection again that a node had closed.',
  ])
})

test('farms are those of the configuration where it says which hosts they have, and one where one is named', async () => {
  const known = await explained({ 'arr/u_ex.log': twoFarms }, { farmOf: ofBackend })
  expect(known.farms.map(({ farm }) => farm)).toEqual(['shop.example.org', 'backend'])
  const { farms, incidents } = await explained({ 'arr/u_ex.log': twoFarms }, { farm: 'all' })
  expect([farms, incidents.length]).toEqual([[{ farm: 'all', requests: 74, failed: 4 }], 1])
})

test('one page that is slow while its node answers others is no cold start', async () => {
  const { told } = await explained({
    'arr/u_ex.log': balancer(...steady('08:13:00', 40), '08:15:41 /report 502.3.12002 30001'),
    'web01/u_ex.log': node('10.0.0.11', ...steady('08:13:00', 90), '08:16:00 /report 200.0.64 49000'),
  })
  expect(told).toMatchObject([{ node: 'web01', cause: 'timeout' }])
})

test('a worker that died in the middle of requests is known by the log of HTTP.sys', async () => {
  const { told } = await explained({
    'arr/u_ex.log': balancer(
      ...steady('08:13:00', 20),
      '08:14:10 /a 502.3.12030 9000',
      '08:14:10 /b 502.3.12030 4000',
    ),
    'web01/HTTPERR/httperr1.log':
      '2026-03-03 08:14:10 10.0.0.5 50000 10.0.0.11 443 HTTP/1.1 GET /a - 1 Connection_Abandoned_By_ReqQueue intranet\r\n' +
      '2026-03-03 08:14:11 10.0.0.5 50001 10.0.0.11 443 HTTP/1.1 GET /b - 1 Connection_Abandoned_By_ReqQueue intranet\r\n' +
      '2026-03-03 08:14:12 10.0.0.5 50002 10.0.0.11 443 - - - - - Timer_ConnectionIdle -\r\n',
  })
  expect(told).toMatchObject([{ node: 'web01', cause: 'recycle' }])
  expect(told[0]?.summary).toContain('web01 recycled and closed connections without an answer')
})

test('one connection that was closed at once, with nothing else wrong, was stale', async () => {
  const { told } = await explained({
    'arr/u_ex.log': balancer(...steady('08:13:00', 40), '08:14:10 /a 502.3.12030 6'),
  })
  expect(told).toMatchObject([{ node: 'unknown', cause: 'stale_connection' }])
})

test('TLS that fails is told with what to look at, though no log names the node', async () => {
  const { incidents } = await explained({
    'arr/u_ex.log': balancer(
      ...steady('08:13:00', 10),
      '08:14:10 /a 502.3.12175 12',
      '08:14:12 /b 502.3.12175 9',
    ),
  })
  expect(incidents).toMatchObject([{ node: 'unknown', cause: 'node_down', how: 'tls' }])
  expect(incidents[0]?.summary).toContain('a node failed in TLS')
  expect(incidents[0]?.cure).toContain('without SNI')
})

test('no healthy server while nodes answer is the balancer; with silent nodes it is every node', async () => {
  const failing = Array.from({ length: 12 }, (_, at) => `08:15:${10 + 4 * at} / 502.4.0 0`)
  const front = { 'arr/u_ex.log': balancer(...steady('08:13:00', 40), ...failing) }
  const nodes = (count: number) => ({
    'web01/u_ex.log': node('10.0.0.11', ...steady('08:13:00', count)),
    'web02/u_ex.log': node('10.0.0.12', ...steady('08:13:00', count)),
  })
  const fine = await explained({ ...front, ...nodes(90) })
  expect(fine.told).toMatchObject([{ node: 'balancer', cause: 'balancer' }])
  expect(fine.told[0]?.summary).toMatch(/: the balancer had no healthy node left, though nodes answered\.$/)
  const silent = await explained({ ...front, ...nodes(40) })
  expect(silent.told).toMatchObject([{ node: 'several', cause: 'node_down' }])
})

test('a trace of the balancer names the node', async () => {
  const trace =
    '<?xml version="1.0" encoding="UTF-8"?>\n<failedRequest url="https://intranet.example:443/a" siteId="1" statusCode="502" timeTaken="2000">\n' +
    '<Event><System><Provider Name="WWW Server"/><EventID>0</EventID><TimeCreated SystemTime="2026-03-03T08:14:10.100Z"/></System>' +
    '<EventData><Data Name="Server">10.0.0.12</Data></EventData><RenderingInfo><Opcode>ARR_SERVER_ROUTED</Opcode></RenderingInfo></Event>\n</failedRequest>'
  const { told } = await explained({
    'arr/u_ex.log': balancer('08:14:10 /a 502.3.12029 2000'),
    'arr/fr000001.xml': trace,
    'web02/u_ex.log': node('10.0.0.12', ...steady('08:13:00', 3)),
  })
  expect(told).toMatchObject([{ node: 'web02', cause: 'node_down' }])
  expect(told[0]?.why).toContain('a failed request trace says that it was sent to web02')
})

test('recycles of every pool 29 hours apart, and at three in the morning on most days, are habits', async () => {
  const first = Date.UTC(2026, 2, 3, 7, 30)
  const module = 'IIS AspNetCore Module V2'
  const every29 = [0, 1, 2, 3].map((at) => eventAt(first + at * 29 * hourMs, 1033, 'WEB01', module)).join('')
  const days = [0, 1, 2, 3, 4, 5].map((at) => Date.UTC(2026, 2, 3, 3) + at * dayMs)
  const atThree = [...days, Date.UTC(2026, 2, 5, 14, 20)].map((atMs) => eventAt(atMs, 5076, 'WEB02')).join('')
  const { habits } = await explained({
    'web01/app.xml': `<Events>${every29}</Events>`,
    'web02/was.xml': atThree,
    'arr/u_ex.log': balancer(...steady('08:13:00', 3)),
  })
  expect(habits.toSorted().toReversed()).toEqual([
    expect.stringMatching(
      /^recycles of web01, pool intranet came every 29 h since 2026-03-03 07:30 UTC \(4 of 4\): IIS's default/,
    ),
    expect.stringMatching(/^6 of 7 recycles of web02, pool intranet came at about 03:00 UTC/),
  ])
})

test('events in CSV of the Event Viewer, in the zone of this machine and with messages of several lines, are read as well', async () => {
  const local = new Date(2026, 2, 3, 8, 15, 10)
  const csv =
    'Level,Date and Time,Source,Event ID,Task Category\r\n' +
    `Information,3/3/2026 8:15:10 AM,Microsoft-Windows-WAS,5074,None,"A worker process with process id of '4711' serving application pool 'intranet'\r\nhas requested a recycle, ""time""."\r\n`
  const { recycles } = await explained({
    'web01/was.csv': csv,
    'web01/u_ex.log': node('10.0.0.11', ...steady('08:13:00', 3)),
  })
  expect(recycles).toMatchObject([
    {
      node: 'web01',
      pool: 'intranet',
      atMs: local.getTime(),
      what: 'recycled after its regular time',
      where: { line: 2 },
    },
  ])
})

test.each([
  [
    'with semicolons, in ANSI',
    Buffer.from(
      `Ebene;Datum und Uhrzeit;Quelle;Ereignis-ID\r\n\r\nInfo;03.03.2026 08:15:10;Microsoft-Windows-WAS;5186;"Anwendungspool \x84intranet\x93 f\xfcr"\r\n`,
      'latin1',
    ),
  ],
  [
    'of Export-Csv, in UTF-16',
    Buffer.from(
      '\ufeff"Id","TimeCreated","ProviderName","MachineName","Message"\r\n\r\n"5186","03.03.2026 08:15:10","Microsoft-Windows-WAS","WEB01","application pool \'intranet\'"\r\n',
      'utf16le',
    ),
  ],
])('so is CSV %s', async (_, csv) => {
  const { recycles } = await explained({
    'web01/was.csv': csv,
    'web01/u_ex.log': node('10.0.0.11', ...steady('08:13:00', 3)),
  })
  const atMs = new Date(2026, 2, 3, 8, 15, 10).getTime()
  expect(recycles).toMatchObject([
    { node: 'web01', atMs, what: 'ended by its idle time-out', where: { line: 3 } },
  ])
})

test('a quote that is never closed in CSV is said, with its line', async () => {
  const csv =
    'Level,Date and Time,Source,Event ID\r\nInfo,3/3/2026 8:15:10 AM,Microsoft-Windows-WAS,5186,"never'
  const open = () =>
    async function* () {
      yield Buffer.from(csv)
    }
  expect((await explainLogs(['was.csv'], { open })).files).toMatchObject([
    { problem: 'Quote Not Closed: the parsing is finished with an opening quote at line 2' },
  ])
})

test('logs of nodes alone tell what they failed themselves', async () => {
  const { told } = await explained({
    'web01/u_ex.log': node(
      '10.0.0.11',
      ...steady('08:13:00', 20),
      '08:14:10 /a 502.5.0 120',
      '08:14:11 /a 502.5.0 90',
      '08:14:12 /a 502.5.0 90',
    ),
  })
  expect(told).toMatchObject([{ node: 'web01', cause: 'node_down' }])
})

/** As `log`, with an id of the balancer for each request, which nodes log in a field of its own. */
const withIds = (address: string, query: (id: string) => string, rows: readonly string[]) =>
  `${head} X-ARR-LOG-ID\n${rows
    .map((row, at) => {
      const [time = '', stem = '', code = '', taken = ''] = row.split(' ')
      return `2026-03-03 ${time} ${address} GET ${stem} ${query(`a${at}`)} 443 198.51.100.7 ${code.replaceAll('.', ' ')} ${taken} a${at}\n`
    })
    .join('')}`

test('a node that took its requests late while it started has no clock that is ahead', async () => {
  const good = steady('08:13:00', 30)
  const lost = ['08:15:41', '08:15:42', '08:15:43'].map((time) => `${time} / 502.3.12002 30000`)
  const late = lost.map(() => '08:15:57 / 200.0.64 24000')
  const { clocks, told } = await explained({
    'arr/u_ex.log': withIds('10.0.0.5', (id) => `X-ARR-LOG-ID=${id}`, [...good, ...lost]),
    'web01/u_ex.log': withIds('10.0.0.11', () => '-', [...good, ...late]),
  })
  expect(clocks).toEqual([])
  expect(told).toMatchObject([{ node: 'web01', cause: 'cold_start' }])
})
