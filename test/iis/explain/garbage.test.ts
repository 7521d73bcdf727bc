import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainLogs } from '../../../src/iis/explain/explain_logs.ts'
import { mutated } from '../../support/files/mutations.ts'

const logs = {
  balancer:
    '#Fields: date time s-ip cs-uri-stem cs-uri-query sc-status sc-substatus sc-win32-status time-taken\n' +
    '2026-03-03 08:14:41 10.0.0.5 /a X-ARR-LOG-ID=6f1c 502 3 12002 30014\n2026-03-03 08:14:42 10.0.0.5 /a - 200 0 0 14\n',
  errors:
    '2026-03-03 08:14:10 10.0.0.5 50000 10.0.0.11 443 HTTP/1.1 GET /a - 1 Connection_Abandoned_By_ReqQueue intranet\n',
  events:
    '<Events><Event><System><Provider Name="Microsoft-Windows-WAS"/><EventID>5074</EventID><TimeCreated SystemTime="2026-03-03T08:14:10Z"/>' +
    '<Computer>WEB01</Computer></System><EventData><Data Name="AppPoolID">a</Data></EventData></Event></Events>',
  csv: 'Level,Date and Time,Source,Event ID,Task Category\nError,3/3/2026 8:15:10 AM,Microsoft-Windows-WAS,5009,None,"A worker\nended"\n',
  trace:
    '<failedRequest url="https://a/b" statusCode="502"><Event><System><EventID>0</EventID><TimeCreated SystemTime="2026-03-03T08:14:10Z"/></System>' +
    '<EventData><Data Name="Server">web01</Data></EventData><RenderingInfo><Opcode>ARR_SERVER_ROUTED</Opcode></RenderingInfo></Event></failedRequest>',
}
const tokens = [
  '\n',
  '\r\n',
  '"',
  '<',
  '>',
  '&',
  ' ',
  '-',
  '#Fields: time',
  '\0',
  '😀',
  '<!DOCTYPE a>',
  '99999999999999999999',
  '502.3',
]

test('whatever was done to logs, explain ends, and each file was read or has a clear problem', async () => {
  const changed = fc.tuple(...Object.values(logs).map((text) => mutated(text, tokens)))
  await fc.assert(
    fc.asyncProperty(changed, async (texts) => {
      const open = (at: string) =>
        async function* () {
          yield Buffer.from(texts[Number(at)] ?? '')
        }
      const { files } = await explainLogs(Object.keys(texts), { open })
      expect(files).toHaveLength(texts.length)
      const unexplained = files.filter(({ kind, problem }) => kind === undefined && problem === undefined)
      const unclear = files.filter(({ problem = 'it is clear' }) => !/^[\w#"'][^\n]*$/.test(problem))
      expect([unexplained, unclear]).toEqual([[], []])
    }),
    { numRuns: 300 },
  )
})

test('times of any year cost no time and no memory', async () => {
  const [fields] = logs.balancer.split('\n')
  const years = Array.from({ length: 200 }, (_, n) => `${n * 49 + 1}`.padStart(4, '0'))
  const rows = years.map((year) => `${year}-03-03 08:14:41 10.0.0.5 /a - 200 0 0 14\n`).join('')
  const texts = [`${logs.balancer}${rows}`, `${fields}\n${rows}`]
  const open = (at: string) =>
    async function* () {
      yield Buffer.from(texts[Number(at)] ?? '')
    }
  const startedMs = performance.now()
  const { files, clocks } = await explainLogs(['0', '1'], { open })
  expect(performance.now() - startedMs).toBeLessThan(5000)
  expect([files.map(({ kind }) => kind), clocks]).toEqual([['balancer', 'node'], []])
})

test('unchanged they are all read', async () => {
  const texts = Object.values(logs)
  const open = (at: string) =>
    async function* () {
      yield Buffer.from(texts[Number(at)] ?? '')
    }
  const { files } = await explainLogs(Object.keys(texts), { open })
  expect(files.map(({ kind, problem }) => [kind, problem])).toEqual(
    ['events', 'events', 'balancer', 'http_errors', 'failed_request'].map((kind) => [kind, undefined]),
  )
})

test('memory does not grow with a log: 200 MB pass through a heap of 80 MB', () => {
  const script = fileURLToPath(new URL('../../../proof/explain/large.ts', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, ['--max-old-space-size=80', script, '--gb', '0.2'], {
    encoding: 'utf8',
  })
  expect([status, stdout]).toEqual([0, expect.stringContaining('most memory')])
}, 60_000)
