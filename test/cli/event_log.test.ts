import { describe, expect, test } from 'vitest'
import { createEventLog, logProbe } from '../../src/cli/event_log.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import { createLog, type LogFormat, type LogLevel } from '../../src/runtime/log.ts'
import {
  anIncident,
  errorOf,
  firstRequestOf,
  incidentClosed,
  incidentOpened,
  outageOf,
  recycleOf,
} from '../support/farms/sample_events.ts'

const atMs = Date.parse('2026-02-03T04:05:06.789Z')
const at = { atMs, farm: 'intranet', maintenance: false }
const iso = '2026-02-03T04:05:06.789Z'

/** The lines that events become, without the time at which they were written. */
function linesOf(
  events: readonly FarmEvent[],
  format: LogFormat = 'json',
  level: LogLevel = 'info',
): string[] {
  const lines: string[] = []
  const write = (line: string) => lines.push(line.trimEnd())
  const tell = createEventLog(
    createLog(level, format, { write }),
    (id) => `http://farmprobe/#/incident/${id}`,
  )
  for (const event of events) tell(event)
  return lines.map((line) =>
    format === 'json' ? line.replace(/"time":"[^"]*",/, '') : line.replace(/^\S+ /, ''),
  )
}

const opened: FarmEvent = {
  ...at,
  kind: 'outage_opened',
  role: 'node',
  target: 'web01',
  check: 'home',
  reason: 'refused',
  detail: '10.0.0.1:80 refused the connection.',
}
const verdict: FarmEvent = {
  ...at,
  kind: 'verdict',
  check: 'home',
  verdict: 'masked',
  previous: 'ok',
  heldMs: 3_600_000,
}

describe('an event is one line', () => {
  const table: readonly (readonly [FarmEvent, string])[] = [
    [
      opened,
      `{"level":"info","event":"outage_opened","farm":"intranet","role":"node","target":"web01","check":"home","reason":"refused","at":"${iso}","msg":"intranet: web01 fails on home: 10.0.0.1:80 refused the connection"}`,
    ],
    [
      outageOf('web01', atMs, 2500),
      `{"level":"info","event":"outage_closed","farm":"intranet","role":"node","target":"web01","check":"home","reason":"refused","lengthMs":2500,"failures":{"refused":3},"at":"${iso}","msg":"intranet: web01 is back on home after 2.5s: 3 × refused"}`,
    ],
    [
      recycleOf('web01', atMs),
      `{"level":"info","event":"recycle","farm":"intranet","target":"web01","evidence":"identity","confidence":0.99,"at":"${iso}","msg":"intranet: web01 has a new worker: its identity changed (99 % sure)"}`,
    ],
    [
      firstRequestOf('web01', atMs, 8400),
      `{"level":"info","event":"first_request","farm":"intranet","target":"web01","check":"home","firstByteMs":8400,"reason":"ok","at":"${iso}","msg":"intranet: web01's first request on home took 8.4s"}`,
    ],
    [
      verdict,
      `{"level":"info","event":"verdict","farm":"intranet","check":"home","verdict":"masked","previous":"ok","heldMs":3600000,"at":"${iso}","msg":"intranet: home: users are served, but the balancer hides a failing node, after 1h without trouble"}`,
    ],
    [
      errorOf('web01', atMs),
      `{"level":"info","event":"balancer_error","farm":"intranet","check":"home","lane":"tick","status":502,"origin":"arr","firstByteMs":5000,"node":"web01","cause":"cold_start","probe":"error-${atMs}","at":"${iso}","msg":"intranet: a 502 from the balancer after 5s on home: web01 was starting cold"}`,
    ],
    [
      { ...at, kind: 'deploy', targets: ['web01', 'web02'] },
      `{"level":"info","event":"deploy","farm":"intranet","targets":["web01","web02"],"at":"${iso}","msg":"intranet: probably a deploy: web01, web02 recycled in turn"}`,
    ],
    [
      { ...at, kind: 'maintenance', active: true, maintenance: true },
      `{"level":"info","event":"maintenance","farm":"intranet","active":true,"at":"${iso}","msg":"intranet: maintenance begins"}`,
    ],
    [
      { ...recycleOf('web01', atMs), maintenance: true },
      `{"level":"info","event":"recycle","farm":"intranet","target":"web01","evidence":"identity","confidence":0.99,"maintenance":true,"at":"${iso}","msg":"intranet: web01 has a new worker: its identity changed (99 % sure)"}`,
    ],
  ]
  test.each(table.map(([event, line]) => [event.kind, event, line] as const))(
    'for machines: %s',
    (_kind, event, line) => {
      expect(linesOf([event])).toEqual([line])
    },
  )

  test('for people', () => {
    expect(linesOf([opened, outageOf('web01', atMs, 2500)], 'text')).toEqual([
      `INFO  intranet: web01 fails on home: 10.0.0.1:80 refused the connection event=outage_opened farm=intranet role=node target=web01 check=home reason=refused at=${iso}`,
      `INFO  intranet: web01 is back on home after 2.5s: 3 × refused event=outage_closed farm=intranet role=node target=web01 check=home reason=refused lengthMs=2500 failures="{\\"refused\\":3}" at=${iso}`,
    ])
  })
})

/** Level, kind and node of each line. */
const told = (events: readonly FarmEvent[], level: LogLevel = 'info') =>
  linesOf(events, 'json', level).map((line) => {
    const { level: is, event, node } = JSON.parse(line) as Record<string, string>
    return [is, event, node].filter(Boolean).join(' ')
  })

describe('an incident', () => {
  const incident = anIncident({ openedMs: atMs, closedMs: atMs + 41_000 })
  const part = { ...errorOf('web01', atMs), incident: incident.id }

  test('is a warning when it opens and when it closes, with a link; what belongs to it is for debug', () => {
    const events = [
      incidentOpened(incident),
      part,
      { ...recycleOf('web01', atMs), incident: incident.id },
      incidentClosed(incident),
    ]
    expect(told(events)).toEqual(['warn incident_opened web01', 'warn incident_closed web01'])
    expect(told(events, 'debug')).toEqual([
      'warn incident_opened web01',
      'debug balancer_error web01',
      'debug recycle',
      'warn incident_closed web01',
    ])
    expect(linesOf([incidentClosed(incident)])).toEqual([
      `{"level":"warn","event":"incident_closed","farm":"intranet","incident":"${incident.id}","impact":"users","node":"web01","cause":"cold_start","confidence":0.98,"failedShare":0.33,"at":"2026-02-03T04:05:47.789Z","msg":"intranet: For 41 s a third of the requests to intranet failed (7 × 504): web01 was starting cold, 40 s; http://farmprobe/#/incident/${incident.id}"}`,
    ])
  })

  test('that is amended is told in a line at info', () => {
    const amended = anIncident({ amended: ['web01 had a new worker'] })
    expect(told([incidentClosed(amended)])).toEqual(['info incident_closed web01'])
  })
})

test('a probe is a line at debug only', () => {
  const lines: string[] = []
  const subject = { farm: 'intranet', role: 'node', target: 'web01', check: 'home' } as const
  const outcome = {
    ...subject,
    id: 'x1',
    lane: 'tick',
    slotMs: atMs,
    startedMs: atMs,
    lagMs: 0,
    latenessMs: 0,
    reason: 'ok',
    detail: '',
    status: 200,
    phaseMs: {},
    firstByteMs: 12,
    totalMs: 13,
    address: '10.0.0.1:80',
    bodyBytes: 7,
  } as const
  for (const level of ['info', 'debug'] as const)
    logProbe(createLog(level, 'json', { write: (line) => lines.push(line) }), outcome)
  expect(lines.map((line) => line.replace(/"time":"[^"]*",/, ''))).toEqual([
    '{"level":"debug","id":"x1","farm":"intranet","role":"node","target":"web01","check":"home","lane":"tick","reason":"ok","status":200,"firstByteMs":12,"totalMs":13,"msg":"probed"}\n',
  ])
})
