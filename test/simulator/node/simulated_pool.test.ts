import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../../src/runtime/duration.ts'
import { app } from '../../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../../src/simulator/farm/chance.ts'
import {
  askStill,
  at,
  stillLatency,
  stillNodes,
  stillPool,
  stillScenario,
} from '../../support/farms/still_farm.ts'

const recycleAt = (...offsetsMs: number[]) => [
  { when: at(...offsetsMs), nodes: 'all', what: { kind: 'recycle', cause: 'demand' } } as const,
]
const crashAt = (...offsetsMs: number[]) => [
  { when: at(...offsetsMs), nodes: 'all', what: { kind: 'crash' } } as const,
]

describe('recycles', () => {
  test('an overlapped recycle costs the first request after the switch its cold start', () => {
    const farm = askStill(stillScenario({}, { happenings: recycleAt(10_000) }))
    const before = farm.served(9_000).token
    expect(farm.firstByteMs(10_300)).toBe(20)
    expect(farm.served(10_500).token).toBe(before)
    expect(farm.firstByteMs(12_000)).toBe(6020)
    expect(farm.served(19_000).token).not.toBe(before)
    expect(farm.firstByteMs(19_000)).toBe(20)
  })

  test('all requests during a cold start wait for the same moment', () => {
    const farm = askStill(stillScenario({}, { happenings: recycleAt(10_000) }))
    expect([12_000, 13_000, 17_999, 18_001].map((atMs) => farm.firstByteMs(atMs))).toEqual([
      6020, 5020, 21, 20,
    ])
    expect(farm.happened('first_request')).toMatchObject([
      { atMs: 12_000, of: 'worker', from: 'probe', ms: 6000 },
    ])
  })

  test('what waited for a start is released one after another', () => {
    const farm = askStill(stillScenario({ scatterMs: 800 }, { happenings: recycleAt(10_000) }))
    expect(farm.firstByteMs(12_000)).toBe(6020)
    const endsMs = [13_000, 14_000, 15_000].map((atMs) => atMs + farm.firstByteMs(atMs) - 20)
    expect(new Set(endsMs).size).toBe(3)
    for (const ms of endsMs) expect(ms).toSatisfy((endMs: number) => endMs >= 18_000 && endMs < 18_800)
    expect(farm.firstByteMs(19_000)).toBe(20)
  })

  test('a new worker is slow at first, and less so with every request', () => {
    const warmUp = { extraMs: fixed(1000), requests: 2 }
    const farm = askStill(stillScenario({ warmUp }, { happenings: recycleAt(10_000) }))
    expect(farm.firstByteMs(9_000)).toBe(20)
    expect([12_000, 20_000, 22_000, 60_000].map((atMs) => Math.round(farm.firstByteMs(atMs)))).toEqual([
      7020, 627, 388, 243,
    ])
  })

  test('a recycle may break off what the old worker has not answered', () => {
    const farm = askStill(stillScenario({ breaksOff: true }, { happenings: recycleAt(10_000) }))
    expect(farm.failed(9_990)).toMatchObject({ how: 'reset', afterMs: 10 })
    expect(farm.firstByteMs(12_000)).toBe(6020)
  })

  test('without overlap requests queue for the old worker to stop and the new one to start', () => {
    const farm = askStill(stillScenario({ overlapped: false }, { happenings: recycleAt(10_000) }))
    expect(farm.firstByteMs(10_100)).toBe(1500 + 600 + 6000 - 100 + 20)
    expect(farm.happened('recycle')).toMatchObject([{ atMs: 10_000, overlapped: false, coldMs: 6000 }])
  })

  test('a preloaded worker takes over warm, when it is ready', () => {
    const farm = askStill(stillScenario({ preload: true }, { happenings: recycleAt(10_000) }))
    const before = farm.served(9_000).token
    expect(farm.served(16_500).token).toBe(before)
    expect(farm.firstByteMs(16_700)).toBe(20)
    expect(farm.served(16_800).token).not.toBe(before)
    expect(farm.happened('recycle')).toMatchObject([{ atMs: 10_000, preloaded: true, coldMs: 0 }])
    expect(farm.happened('first_request')).toEqual([])
  })

  test('preloading warms the start page only', () => {
    const farm = askStill(stillScenario({ preload: true }, { happenings: recycleAt(10_000) }))
    expect(farm.firstByteMs(20_000, 'web01', '/checkout')).toBe(520)
    expect(farm.firstByteMs(21_000, 'web01', '/checkout')).toBe(20)
  })

  test('every path has a smaller first request of its own', () => {
    const farm = askStill(stillScenario({}, { happenings: recycleAt(10_000) }))
    expect(farm.firstByteMs(11_000)).toBe(6020)
    expect(farm.firstByteMs(12_000, 'web01', '/checkout')).toBe(5000 + 500 + 20)
    expect(farm.firstByteMs(20_000, 'web01', '/reports')).toBe(520)
    expect(farm.firstByteMs(21_000, 'web01', '/reports')).toBe(20)
    expect(farm.happened('first_request').map(({ of, path }) => [of, path])).toEqual([
      ['worker', '/'],
      ['path', '/checkout'],
      ['path', '/reports'],
    ])
  })

  test('the timer counts from the start of each worker, so 29 h drift through the day', () => {
    const farm = askStill(
      stillScenario({ recycle: { everyMs: 29 * hourMs }, preload: true }, { startedTogether: true }),
    )
    farm.advance(100 * hourMs)
    const atHours = farm.happened('recycle').map(({ atMs }) => Math.round((atMs / hourMs) * 10) / 10)
    expect(atHours).toEqual([14.5, 43.5, 72.5])
    expect(farm.happened('recycle')[0]).toMatchObject({ cause: 'time', periodMs: 29 * hourMs })
  })

  test('workers started together recycle in the same second on every node', () => {
    const plan = stillScenario(
      {},
      { nodes: stillNodes(3, { recycle: { everyMs: 29 * hourMs } }), startedTogether: true },
    )
    const farm = askStill(plan)
    farm.advance(20 * hourMs)
    expect(farm.happened('recycle').map(({ node, atMs }) => [node, atMs])).toEqual([
      ['web01', 14.5 * hourMs],
      ['web02', 14.5 * hourMs],
      ['web03', 14.5 * hourMs],
    ])
  })

  test('a scheduled recycle comes at the same minute every day', () => {
    const farm = askStill(stillScenario({ recycle: { atMinutes: [180] } }))
    farm.advance(60 * hourMs)
    expect(farm.happened('recycle').map(({ cause, atMs }) => [cause, atMs / hourMs])).toEqual([
      ['schedule', 3],
      ['schedule', 27],
      ['schedule', 51],
    ])
  })

  test('a request limit counts from the last new worker', () => {
    const farm = askStill(stillScenario({ recycle: { requests: 10 } }))
    for (let request = 0; request < 25; request++) farm.answer(request * 10_000)
    expect(farm.happened('recycle').map(({ cause, atMs }) => [cause, atMs])).toEqual([
      ['requests', 90_000],
      ['requests', 190_000],
    ])
  })

  test('users count towards a request limit', () => {
    const plan = stillScenario({ recycle: { requests: 6000 } }, { users: { perSecond: 10, night: 1 } })
    const farm = askStill(plan)
    farm.advance(21 * minuteMs)
    expect(farm.happened('recycle').map(({ atMs }) => atMs / minuteMs)).toEqual([10, 20])
  })

  test('a configuration push recycles all nodes at once, each with a token of its own', () => {
    const happenings = [
      { when: at(10_000), nodes: 'all', what: { kind: 'recycle', cause: 'config' } } as const,
    ]
    const farm = askStill(stillScenario({}, { nodes: stillNodes(4), happenings }))
    farm.advance(20_000)
    const recycles = farm.happened('recycle')
    expect(recycles.map(({ atMs, cause }) => [atMs, cause])).toEqual(
      Array.from({ length: 4 }, () => [10_000, 'config']),
    )
    expect(new Set(recycles.map(({ token }) => token)).size).toBe(4)
  })
})

describe('idle pools', () => {
  const idle = { afterMs: 20 * minuteMs, action: 'terminate', wakeMs: fixed(900) } as const

  test('an idle pool stops, and the next request pays for start and application', () => {
    const farm = askStill(stillScenario({ idle }))
    expect(farm.firstByteMs(60_000)).toBe(20)
    expect(farm.firstByteMs(31 * minuteMs)).toBe(600 + 6000 + 20)
    expect(farm.happened('idle')).toMatchObject([{ atMs: 21 * minuteMs, action: 'terminate' }])
    expect(farm.happened('recycle')).toMatchObject([{ atMs: 31 * minuteMs, cause: 'idle' }])
  })

  test('probing more often than the idle time-out keeps it warm', () => {
    const farm = askStill(stillScenario({ idle }))
    for (let minute = 0; minute < 24 * 60; minute += 19) expect(farm.firstByteMs(minute * minuteMs)).toBe(20)
    expect(farm.happened('idle')).toEqual([])
  })

  test('users keep it warm by day and not by night', () => {
    const farm = askStill(stillScenario({ idle }, { users: { perSecond: 0.05, night: 0 } }))
    farm.advance(48 * hourMs)
    const hours = farm.happened('idle').map(({ atMs }) => (atMs / hourMs) % 24)
    expect(hours.length).toBeGreaterThan(2)
    expect(hours.filter((hour) => hour > 8 && hour < 20)).toEqual([])
  })

  test('health checks of the balancer keep it warm, too', () => {
    const health = { path: '/', everyMs: 30_000, timeoutMs: 5000, fall: 3, rise: 1 }
    const plan = stillScenario({ idle })
    const farm = askStill({ ...plan, balancer: { ...plan.balancer, health } })
    farm.advance(48 * hourMs)
    expect(farm.happened('idle')).toEqual([])
  })

  test('a suspended worker resumes faster than a new one starts, and is the same worker', () => {
    const farm = askStill(stillScenario({ idle: { ...idle, action: 'suspend' } }))
    const before = farm.served(60_000).token
    expect(farm.firstByteMs(31 * minuteMs)).toBe(920)
    expect(farm.served(31 * minuteMs + 400).firstByteMs).toBe(520)
    expect(farm.served(32 * minuteMs).token).toBe(before)
    expect(farm.happened('recycle')).toEqual([])
    expect(farm.happened('first_request')).toMatchObject([{ of: 'wake', ms: 900 }])
  })

  test('one application idles out while another one of the node is busy', () => {
    const plan = stillScenario()
    const apps = [
      app({ path: '/reports', pool: stillPool({ idle }), latency: stillLatency(), userShare: 0 }),
      app({ pool: stillPool(), latency: stillLatency() }),
    ]
    const farm = askStill({ ...plan, nodes: [{ name: 'web01', weight: 1, apps }] })
    for (let minute = 0; minute < 40; minute += 1) farm.answer(minute * minuteMs)
    expect(farm.firstByteMs(40 * minuteMs, 'web01', '/reports')).toBe(6620)
    expect(farm.happened('recycle')).toMatchObject([{ app: '/reports', cause: 'idle' }])
  })
})

describe('users', () => {
  test('a user may make the first request of a cold worker; a probe then waits behind it', () => {
    const users = { perSecond: 50, night: 1 }
    const farm = askStill(stillScenario({}, { happenings: recycleAt(10_000), users }))
    expect(farm.firstByteMs(12_600)).toBeGreaterThan(3900)
    expect(farm.firstByteMs(12_600)).toBeLessThan(4250)
    expect(farm.happened('first_request')).toMatchObject([{ from: 'user', of: 'worker', ms: 6000 }])
  })

  test('users warm the paths they ask for', () => {
    const users = { perSecond: 50, night: 1 }
    const farm = askStill(stillScenario({}, { happenings: recycleAt(10_000), users }))
    expect(farm.firstByteMs(60_000, 'web01', '/checkout')).toBe(20)
  })
})

describe('web gardens', () => {
  test('several workers answer in turn, each with its own token', () => {
    const farm = askStill(stillScenario({ workers: 3 }))
    const tokens = Array.from({ length: 60 }, (_, index) => farm.served(index * 1000).token)
    expect(new Set(tokens).size).toBe(3)
  })

  test('each worker of a garden recycles by its own age', () => {
    const farm = askStill(stillScenario({ workers: 3, recycle: { everyMs: 29 * hourMs }, preload: true }))
    farm.advance(29 * hourMs)
    expect(
      farm
        .happened('recycle')
        .map(({ worker }) => worker)
        .toSorted((one, other) => one - other),
    ).toEqual([0, 1, 2])
    expect(new Set(farm.happened('recycle').map(({ atMs }) => atMs)).size).toBe(3)
  })
})

describe('applications that shut down', () => {
  const notice = { forMs: fixed(4000), share: 0.5 }
  const ask = (hosting: 'classic' | 'in_process' | 'out_of_process') => {
    const farm = askStill(
      stillScenario({ hosting, shutdownNotice: notice }, { happenings: recycleAt(10_000) }),
    )
    const pages = Array.from({ length: 200 }, (_, index) => farm.served(10_600 + index * 20).page)
    return { farm, pages, errors: pages.filter(({ name }) => name !== 'home') }
  }

  test('in-process, a share of the requests gets the 503 of the module for a while', () => {
    const { farm, errors } = ask('in_process')
    expect(errors.length).toBeGreaterThan(70)
    expect(errors.length).toBeLessThan(130)
    expect(errors[0]).toMatchObject({ status: 503, statusText: 'Server has been shutdown' })
    expect(farm.served(14_700).page.status).toBe(200)
    expect(farm.happened('shutdown_notice')).toMatchObject([{ atMs: 10_600, share: 0.5 }])
  })

  test("out-of-process, it is the node's own 502 page", () => {
    const { errors } = ask('out_of_process')
    expect(errors[0]).toMatchObject({ status: 502, bytes: 1477 })
  })

  test('classic ASP.NET answers no errors', () => {
    expect(ask('classic').errors).toEqual([])
  })
})

describe('crashes', () => {
  test('a request that runs when its worker crashes is reset at that moment', () => {
    const farm = askStill(stillScenario({}, { happenings: crashAt(10_000) }))
    expect(farm.failed(9_990)).toMatchObject({ how: 'reset', afterMs: 10 })
    expect(farm.firstByteMs(10_500)).toBe(6620)
    expect(farm.happened('recycle')).toMatchObject([{ atMs: 10_500, cause: 'crash' }])
  })

  test('an AlwaysRunning pool is restarted without a request', () => {
    const farm = askStill(stillScenario({ preload: true }, { happenings: crashAt(10_000) }))
    expect(farm.firstByteMs(10_500)).toBe(6000 + 600 - 500 + 20)
    expect(farm.happened('recycle')).toMatchObject([{ atMs: 10_000, cause: 'crash', preloaded: true }])
  })

  test('five crashes within five minutes disable the pool: the kernel answers 503 until it is repaired', () => {
    const crashes = crashAt(10_000, 20_000, 30_000, 40_000, 50_000)
    const farm = askStill(stillScenario({}, { happenings: crashes }))
    for (const atMs of [12_000, 22_000, 32_000, 42_000]) farm.answer(atMs)
    expect(farm.served(50_001).page).toMatchObject({ name: 'kernel_503', status: 503, bytes: 326 })
    expect(farm.served(50_000 + 10 * minuteMs - 1).page.status).toBe(503)
    expect(farm.firstByteMs(50_000 + 10 * minuteMs + 1)).toBe(6620)
    expect(farm.happened('outage')).toMatchObject([{ atMs: 50_000, how: 'pool_disabled', target: 'web01' }])
  })

  test('five crashes spread over an hour do not', () => {
    const crashes = crashAt(...[0, 1, 2, 3, 4].map((count) => 10_000 + count * 12 * minuteMs))
    const farm = askStill(stillScenario({}, { happenings: crashes }))
    farm.advance(2 * hourMs)
    expect(farm.happened('outage')).toEqual([])
  })

  test('a TCP-level pool closes the connection instead', () => {
    const crashes = crashAt(10_000, 10_001, 10_002, 10_003, 10_004)
    const farm = askStill(stillScenario({ tcpLevel: true }, { happenings: crashes }))
    expect(farm.failed(11_000)).toMatchObject({ how: 'closed', afterMs: 0 })
  })
})

describe('the queue of a cold pool', () => {
  test('it overflows when more users wait than it holds', () => {
    const users = { perSecond: 100, night: 1 }
    const farm = askStill(stillScenario({ queueLength: 200 }, { happenings: recycleAt(10_000), users }))
    expect(farm.served(11_500).page.status).toBe(200)
    expect(farm.served(13_500).page).toMatchObject({ name: 'kernel_503' })
    expect(farm.served(17_000).page.status).toBe(200)
    expect(farm.happened('outage')).toMatchObject([{ how: 'queue_full' }])
  })

  test('a request that waits for more than two minutes is dropped without an answer', () => {
    const farm = askStill(stillScenario({ coldMs: fixed(300_000) }, { happenings: recycleAt(10_000) }))
    expect(farm.failed(11_000)).toMatchObject({ how: 'closed', afterMs: 120_000 })
    expect(farm.firstByteMs(250_000)).toBe(311_000 - 250_000 + 20)
  })
})

const deploy = (by: 'recycle' | 'app_offline') => [
  { when: at(10_000), what: { kind: 'deploy', by, gapMs: 20_000, forMs: fixed(5000) } } as const,
]

describe('deploys', () => {
  test('app_offline.htm answers in turn on every node, and there is a new worker behind it', () => {
    const farm = askStill(stillScenario({}, { nodes: stillNodes(2), happenings: deploy('app_offline') }))
    expect(farm.served(12_000).page).toMatchObject({ status: 503, statusText: 'Service Unavailable' })
    expect(farm.served(12_000, 'web02').page.status).toBe(200)
    expect(farm.firstByteMs(16_000)).toBe(6620)
    expect(farm.served(31_000, 'web02').page.status).toBe(503)
    expect(farm.happened('deploy')).toMatchObject([{ atMs: 10_000, nodes: ['web01', 'web02'] }])
    expect(farm.happened('recycle')).toMatchObject([{ node: 'web01', cause: 'deploy' }])
  })

  test('new files alone recycle the nodes in turn', () => {
    const farm = askStill(stillScenario({}, { nodes: stillNodes(3), happenings: deploy('recycle') }))
    farm.advance(60_000)
    expect(farm.happened('recycle').map(({ node, atMs }) => [node, atMs])).toEqual([
      ['web01', 10_000],
      ['web02', 30_000],
      ['web03', 50_000],
    ])
  })
})
