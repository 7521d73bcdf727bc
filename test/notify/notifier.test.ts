import { describe, expect, test } from 'vitest'
import type { Incident } from '../../src/model/incident.ts'
import type { Alertmanager, Receiver, Webhook } from '../../src/model/receiver.ts'
import { startNotifier } from '../../src/notify/notifier.ts'
import { type Clock, systemClock } from '../../src/runtime/clock.ts'
import { minuteMs, secondMs } from '../../src/runtime/duration.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { eventually } from '../support/eventually.ts'
import { anIncident, incidentClosed, incidentOpened } from '../support/farms/sample_events.ts'
import { quietLog } from '../support/quiet_log.ts'
import { type HttpServer, type Serve, startHttpServer } from '../support/servers/http_server.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
}

const tls = { insecure: false, minVersion: 'TLSv1.2' } as const

const alertmanagerAt = (port: number): Alertmanager => ({
  kind: 'alertmanager',
  name: 'am',
  url: `http://127.0.0.1:${port}/api/v2/alerts`,
  headers: [],
  tls,
})

const webhookAt = (port: number, different: Partial<Webhook> = {}): Webhook => ({
  kind: 'webhook',
  name: 'hook',
  url: `http://127.0.0.1:${port}/s3cret-path`,
  format: 'json',
  on: ['opened', 'closed'],
  impacts: ['users'],
  headers: [],
  tls,
  ...different,
})

/** A clock that goes a hundred times as fast, so that minutes pass in a test. */
const fastClock: Clock = {
  wallMs: () => systemClock.wallMs() + systemClock.monotonicMs() * 99,
  monotonicMs: () => systemClock.monotonicMs() * 100,
  after: (delayMs, wake) => systemClock.after(delayMs / 100, wake),
}

async function notifying(receivers: readonly Receiver[], clock: Clock = systemClock) {
  const { log, lines } = quietLog()
  const counts: Record<string, number> = {}
  const queues: Record<string, number> = {}
  const maintained = new Set<string>()
  const notifier = startNotifier({
    clock,
    log,
    random: seededRandom(1),
    inMaintenance: (farm) => maintained.has(farm),
    links: {
      incident: (id) => `http://fp.example/#/incident/${id}`,
      runbook: (name) => `http://rb.example/${name}`,
    },
    count: (receiver, result) =>
      (counts[`${receiver} ${result}`] = (counts[`${receiver} ${result}`] ?? 0) + 1),
    setQueue: (receiver, length) => (queues[receiver] = length),
  })
  await notifier.setReceivers(receivers)
  return {
    ...notifier,
    lines,
    counts,
    queues,
    maintained,
    clock,
    open: (incident: Incident) => {
      notifier.record(incidentOpened(incident))
      notifier.follow(incident.farm, [{ ...incident, closedMs: null }])
    },
    close: (incident: Incident) => {
      notifier.record(incidentClosed(incident))
      notifier.follow(incident.farm, [])
    },
    [Symbol.asyncDispose]: notifier.stop,
  }
}

/** A server that keeps what is posted to it, by status of its answers; the last one stays. */
async function startReceiver(...statuses: number[]) {
  const bodies: string[] = []
  const serve: Serve = (_request, response, body) => {
    const status = statuses.length > 1 ? statuses.shift() : statuses[0]
    bodies.push(body)
    response.writeHead(status ?? 200, { location: 'http://127.0.0.1:1/' }).end('s3cret-path is bad')
  }
  const server = await startHttpServer(serve)
  return Object.assign(server, { bodies })
}

const alertsIn = (body = '[]') => JSON.parse(body) as PostedAlert[]
const received = (what: string, server: HttpServer & { readonly bodies: readonly string[] }, count: number) =>
  eventually(
    what,
    () => server.bodies.length,
    (got) => got >= count,
  )

describe('an Alertmanager', () => {
  test('gets an incident as an alert at once, and its end', async () => {
    await using server = await startReceiver(200)
    await using notifier = await notifying([alertmanagerAt(server.port)])
    const incident = anIncident()
    notifier.open(incident)
    await received('the alert', server, 1)
    const [alert] = alertsIn(server.bodies[0])
    expect(alert).toEqual({
      labels: {
        alertname: 'FarmprobeIncident',
        farm: 'intranet',
        impact: 'users',
        severity: 'critical',
        node: 'web01',
        cause: 'cold_start',
      },
      annotations: {
        summary: incident.summary,
        description: `${incident.summary} ${incident.cure}.`,
        cure: incident.cure,
        node: 'web01',
        cause: 'cold_start',
        incident: incident.id,
        dashboard_url: `http://fp.example/#/incident/${incident.id}`,
        runbook_url: 'http://rb.example/FarmprobeFirstRequestSlow',
      },
      startsAt: new Date(incident.openedMs).toISOString(),
      endsAt: expect.any(String),
      generatorURL: `http://fp.example/#/incident/${incident.id}`,
    })
    expect(Date.parse(alert?.endsAt ?? '') - Date.now()).toBeGreaterThan(3 * minuteMs)
    notifier.close(incident)
    await received('the end', server, 2)
    const [ended] = alertsIn(server.bodies[1])
    expect(ended?.labels).toEqual(alert?.labels)
    expect(ended?.endsAt).toBe(new Date(incident.closedMs ?? 0).toISOString())
    expect(notifier.counts).toEqual({ 'am sent': 2 })
  })

  test('gets all that fires again each minute, and for a quarter of an hour what has ended', async () => {
    await using server = await startReceiver(200)
    const clock = createSimulatedClock()
    await using notifier = await notifying([alertmanagerAt(server.port)], clock)
    const sent = () => notifier.counts['am sent']
    const sentAfter = async (ms: number, count: number) => {
      await clock.advance(ms)
      await eventually(`message ${count}`, sent, (got) => got === count)
    }
    notifier.open(anIncident())
    await sentAfter(0, 1)
    for (const count of [2, 3, 4]) await sentAfter(minuteMs, count)
    notifier.close(anIncident())
    await sentAfter(0, 5)
    for (let count = 6; count <= 20; count++) await sentAfter(minuteMs, count)
    await clock.advance(minuteMs)
    // A message on its way would have a deadline; what is left is the next minute.
    expect(clock.pending()).toBe(1)
    const ends = server.bodies.map((body) => Date.parse(alertsIn(body)[0]?.endsAt ?? ''))
    expect(new Set(ends.slice(0, 4)).size).toBe(4)
    expect(ends.slice(4)).toEqual(Array<number | null>(16).fill(anIncident().closedMs))
  })

  test('gets new labels where the culprit becomes known, users are reached or it becomes critical, and only an annotation where the culprit is corrected', async () => {
    await using server = await startReceiver(200)
    await using notifier = await notifying([alertmanagerAt(server.port)])
    const openedMs = Date.now() - minuteMs
    const hidden = anIncident({
      openedMs,
      impact: 'hidden',
      node: 'unknown',
      cause: 'unknown',
      errors: {},
      failedShare: 0,
    })
    notifier.open(hidden)
    await received('the hidden one', server, 1)
    notifier.follow('intranet', [{ ...hidden, node: 'web02', cause: 'recycle' }])
    await received('the culprit', server, 2)
    notifier.open(anIncident({ openedMs, node: 'web02', cause: 'recycle', errors: { 502: 1 } }))
    await received('users', server, 3)
    notifier.follow('intranet', [
      anIncident({ openedMs, node: 'web02', cause: 'recycle', errors: { 502: 3 } }),
    ])
    await received('a page', server, 4)
    notifier.follow('intranet', [
      anIncident({ openedMs, node: 'web01', cause: 'cold_start', errors: { 502: 3 } }),
    ])
    await received('the correction', server, 5)
    const told = server.bodies.map((body) =>
      alertsIn(body).map(({ labels: { impact, severity, node }, annotations, endsAt }) =>
        [
          impact,
          severity,
          node,
          annotations['node'],
          Date.parse(endsAt) > Date.now() ? 'fires' : 'ended',
        ].join(' '),
      ),
    )
    expect(told).toEqual([
      ['hidden warning unknown unknown fires'],
      ['hidden warning web02 web02 fires', 'hidden warning unknown unknown ended'],
      ['users warning web02 web02 fires', 'hidden warning web02 web02 ended'],
      ['users critical web02 web02 fires', 'users warning web02 web02 ended'],
      ['users critical web02 web01 fires'],
    ])
  })

  test('gets the latest state when it comes back, with one line in the log when it goes and one when it returns', async () => {
    const port = await freePort()
    await using notifier = await notifying([alertmanagerAt(port)], fastClock)
    const [first, second] = [anIncident({ farm: 'shop' }), anIncident()]
    notifier.open(first)
    await eventually(
      'failures',
      () => notifier.counts['am failed'] ?? 0,
      (count) => count >= 3,
    )
    notifier.close(first)
    notifier.open(second)
    expect(notifier.queues['am']).toBeGreaterThan(0)
    const bodies: string[] = []
    await using _back = await startHttpServer(
      (_request, response, body) => {
        bodies.push(body)
        response.end()
      },
      { port },
    )
    await eventually(
      'the state',
      () => bodies.length,
      (count) => count > 0,
    )
    const state = alertsIn(bodies[0]).map(({ labels, endsAt }) => [
      labels['farm'],
      endsAt === new Date(first.closedMs ?? 0).toISOString(),
    ])
    expect(state).toEqual([
      ['shop', true],
      ['intranet', false],
    ])
    await eventually(
      'a line',
      () => notifier.lines.length,
      (count) => count === 2,
    )
    expect(notifier.lines[0]).toContain('notifications do not reach am: nothing listens there')
    expect(notifier.lines[1]).toContain('notifications reach am again, after ')
  })

  test('that a reload names gets what is open; a farm that is no longer probed and one in maintenance are resolved', async () => {
    await using server = await startReceiver(200)
    await using notifier = await notifying([])
    // After a restart no event tells of what went on before it.
    notifier.follow('intranet', [anIncident()])
    notifier.open(anIncident({ farm: 'shop' }))
    await notifier.setReceivers([alertmanagerAt(server.port)])
    await received('what is open', server, 1)
    expect(alertsIn(server.bodies[0]).map(({ labels }) => labels['farm'])).toEqual(['intranet', 'shop'])
    notifier.setFarms(['shop'])
    await received('the farm that left', server, 2)
    notifier.maintained.add('shop')
    notifier.follow('shop', [anIncident({ farm: 'shop' })])
    await received('maintenance', server, 3)
    const ended = server.bodies.slice(1).map((body) => alertsIn(body).map(({ labels }) => labels['farm']))
    expect(ended).toEqual([['intranet'], ['shop']])
  })
})

describe('a webhook', () => {
  test('is told once that an incident opens and once that it is over, and nothing of hidden ones', async () => {
    await using server = await startReceiver(204)
    await using notifier = await notifying([webhookAt(server.port)])
    notifier.open(anIncident({ impact: 'hidden', id: 'hidden-1', farm: 'shop' }))
    notifier.open(anIncident())
    await received('the beginning', server, 1)
    notifier.close(anIncident())
    notifier.close(anIncident({ amended: ['web02 recycled, too.'] }))
    await received('the end', server, 2)
    const told = server.bodies.map((body) => JSON.parse(body) as { event: string; incident: Incident })
    expect(told.map(({ event, incident }) => [event, incident.id])).toEqual([
      ['incident_opened', anIncident().id],
      ['incident_closed', anIncident().id],
    ])
    expect(told[1]?.incident).toEqual(anIncident())
  })

  test('is told after maintenance of what goes on, and never of what began and ended in it', async () => {
    await using server = await startReceiver(200)
    await using notifier = await notifying([webhookAt(server.port)])
    notifier.maintained.add('intranet')
    const [short, long] = [anIncident({ id: 'short' }), anIncident({ id: 'long' })]
    notifier.open(short)
    notifier.close(short)
    notifier.open(long)
    notifier.maintained.clear()
    notifier.follow('intranet', [long])
    await received('what goes on', server, 1)
    notifier.close(long)
    await received('its end', server, 2)
    expect(server.bodies.map((body) => (JSON.parse(body) as { incident: Incident }).incident.id)).toEqual([
      'long',
      'long',
    ])
  })

  test.each([
    ['500', [500, 429, 200]],
    ['time-outs of a proxy', [504, 408, 200]],
  ])('that fails with %s gets the message again until it takes it', async (_what, statuses) => {
    await using server = await startReceiver(...statuses)
    await using notifier = await notifying([webhookAt(server.port)], fastClock)
    notifier.open(anIncident())
    await received('the message', server, 3)
    await eventually(
      'an empty queue',
      () => notifier.queues['hook'],
      (length) => length === 0,
    )
    expect(notifier.counts).toEqual({ 'hook failed': 2, 'hook sent': 1 })
  })

  test.each([
    ['redirects', 302, 'it answered 302: redirects are not followed'],
    ['refuses', 404, 'it answered 404: <secret> is bad'],
  ])('that %s loses the message, and the log says why without the secret', async (_what, status, why) => {
    await using server = await startReceiver(status)
    await using notifier = await notifying([webhookAt(server.port)])
    notifier.open(anIncident())
    await eventually(
      'the drop',
      () => notifier.counts['hook dropped'],
      (count) => count === 1,
    )
    expect(server.bodies).toHaveLength(1)
    expect(notifier.lines.join('')).toContain(`notifications do not reach hook: ${why}`)
    expect(notifier.lines.join('')).not.toContain('s3cret')
  })

  test('that hangs is given up after 10 s and asked again; what waits is the end alone', async () => {
    const bodies: string[] = []
    await using server = await startHttpServer((_request, response, body) => {
      bodies.push(body)
      if (bodies.length > 1) response.end()
    })
    await using notifier = await notifying([webhookAt(server.port)], fastClock)
    notifier.open(anIncident())
    await eventually(
      'the first attempt',
      () => bodies.length,
      (count) => count === 1,
    )
    notifier.close(anIncident())
    await eventually(
      'the second',
      () => bodies.length,
      (count) => count === 2,
    )
    expect(bodies[1]).toContain('"event":"incident_closed"')
    expect(notifier.lines.join('')).toContain('it did not answer within 10s')
  })

  test('whose messages do not go out keeps the newest hundred, also across a reload that changes its address', async () => {
    const port = await freePort()
    await using server = await startReceiver(200)
    await using notifier = await notifying([webhookAt(port)])
    for (let number = 0; number < 120; number++) notifier.open(anIncident({ id: `i${number}` }))
    expect(notifier.queues['hook']).toBe(100)
    expect(notifier.counts['hook dropped']).toBe(20)
    await notifier.setReceivers([webhookAt(server.port)])
    await received('all of them', server, 100)
    const ids = server.bodies.map((body) => (JSON.parse(body) as { incident: Incident }).incident.id)
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => `i${index + 20}`))
  })
})

test('the end leaves no timer and no connection behind, whatever a receiver does', async () => {
  await using server = await startHttpServer(() => undefined)
  const notifier = await notifying([webhookAt(server.port), alertmanagerAt(server.port)])
  notifier.open(anIncident())
  await eventually(
    'both requests',
    () => server.asked.length,
    (count) => count === 2,
  )
  const startedMs = performance.now()
  await notifier.stop()
  expect(performance.now() - startedMs).toBeLessThan(5 * secondMs)
})
