/** Incidents of the sample farm, as the API would send them. */
import { type Answer, answers } from '../../../src/web/api/schemas.ts'

export type IncidentAnswer = Answer<'incident'>

/** A cold start of 40 s behind a balancer that waits 30 s, from `openedMs` on. */
export function coldStart(openedMs: number, changes: Partial<IncidentAnswer> = {}): IncidentAnswer {
  const id = `intranet-${openedMs}`
  return {
    id,
    farm: 'intranet',
    impact: 'users',
    openedMs,
    closedMs: openedMs + 41_000,
    maintenance: false,
    checks: ['home'],
    errors: { 504: 7 },
    usersMs: { fromMs: openedMs, toMs: openedMs + 40_000 },
    probes: 21,
    failed: 7,
    failedShare: 7 / 21,
    nodes: [{ node: 'web01', cause: 'cold_start', errors: 7, failures: 1 }],
    node: 'web01',
    cause: 'cold_start',
    confidence: 0.98,
    why: [
      { weight: 'strong', sentence: 'web01 still owed an answer each time the balancer gave up' },
      { weight: 'fair', sentence: 'web02 answered all the while' },
    ],
    summary: 'For 41 s a third of the requests to intranet failed (7 × 504): web01 was starting cold, 40 s.',
    cure: 'Set startMode=AlwaysRunning on the pool of web01.',
    runbook: 'FarmprobeFirstRequestSlow',
    amended: [],
    events: eventsOf(id, openedMs),
    ...changes,
  }
}

function eventsOf(incident: string, openedMs: number): IncidentAnswer['events'] {
  const about = (atMs: number) => ({
    at: new Date(atMs).toISOString(),
    atMs,
    farm: 'intranet',
    maintenance: false,
    incident,
  })
  const error = (index: number) => ({
    ...about(openedMs + 30_000 + index * 1400),
    kind: 'balancer_error' as const,
    id: `error ${index}`,
    probe: `probe ${index}`,
    check: 'home',
    lane: 'tick' as const,
    status: 504,
    origin: 'nginx',
    firstByteMs: 30_000,
    node: 'web01',
    cause: 'cold_start' as const,
    sentence: 'a 504 from the balancer after 30s on home: web01 was starting cold',
  })
  return [
    {
      ...about(openedMs),
      kind: 'stall',
      id: 'stall',
      target: 'web01',
      lengthMs: 40_000,
      probes: 9,
      sentence: 'web01 answered nobody for 40s (9 probes waited or failed)',
    },
    {
      ...about(openedMs + 500),
      kind: 'recycle',
      id: 'recycle',
      target: 'web01',
      evidence: 'identity',
      confidence: 0.99,
      sentence: 'web01 has a new worker: its identity changed (99 % sure)',
    },
    ...Array.from({ length: 7 }, (_, index) => error(index)),
    {
      ...about(openedMs + 40_000),
      kind: 'first_request',
      id: 'first',
      target: 'web01',
      check: 'home',
      firstByteMs: 40_000,
      reason: 'ok',
      sentence: "web01's first request on home took 40s",
    },
  ]
}

/** What the API sends of these, held against its own schemas. */
export function incidentAnswers(incidents: readonly IncidentAnswer[], nowMs: number) {
  const all = incidents.map(({ events: _events, ...incident }) => incident)
  return {
    list: answers.incidents.parse({ sinceMs: 0, untilMs: nowMs, incidents: all }),
    of: (id: string) => answers.incident.parse(incidents.find((each) => each.id === id)),
  }
}
