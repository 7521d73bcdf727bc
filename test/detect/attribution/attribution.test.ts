import { expect, test } from 'vitest'
import { type Said, type ScriptedFarm, scriptedFarm, startMs } from '../../support/farms/scripted_farm.ts'

const three = ['web01', 'web02', 'web03']
const blamed = (farm: ScriptedFarm) =>
  farm
    .only('balancer_error')
    .map(({ node, cause, suspects }) => [node, cause, ...(suspects === undefined ? [] : [suspects])])
const badGateway: Partial<Said> = { reason: 'status', status: 502, origin: 'iis' }

/** What the schedule does after a failure: every target is asked at once. */
const sweep = (farm: ScriptedFarm, at: number, different: Record<string, Partial<Said>> = {}) =>
  farm.add(
    ...['balancer', ...three].map((target) => ({ at, target, lane: 'sweep' as const, ...different[target] })),
  )

test("a 502 while one node keeps its own probe waiting is that node's cold start", () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (target === 'balancer') return at === 300 ? { ...badGateway, firstByteMs: 3001 } : undefined
    return target === 'web03' && (at === 300 || at === 305) ? { firstByteMs: (309 - at) * 1000 } : undefined
  })
  sweep(farm, 303.01, { web03: { firstByteMs: 5990 } })
  farm.play(304)
  expect(blamed(farm)).toEqual([])
  farm.play(400)
  expect(blamed(farm)).toEqual([['web03', 'cold_start']])
})

test('a node that hangs without a new worker is blamed with a time-out', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    const identity = { identity: `${target}-1` }
    if (target === 'balancer') return at === 300 ? { ...badGateway, firstByteMs: 3001 } : undefined
    return target === 'web03' && at === 300 ? { firstByteMs: 9000, ...identity } : identity
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web03', 'timeout']])
})

test('a quick 502 while one node refuses connections is that node being down', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (at !== 300) return undefined
    if (target === 'balancer') return badGateway
    return target === 'web02' ? { reason: 'refused' } : undefined
  })
  sweep(farm, 300.1, { web02: { reason: 'refused' } })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'node_down']])
})

test("an error while a worker was replaced is the recycle's", () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (target === 'balancer') return at === 300 ? badGateway : undefined
    return { identity: `${target}-${target === 'web01' && at >= 300 ? 2 : 1}` }
  })
  sweep(farm, 300.1, {
    web01: { identity: 'web01-2' },
    web02: { identity: 'web02-1' },
    web03: { identity: 'web03-1' },
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web01', 'recycle']])
})

test("an error ten seconds after a worker was replaced is not the recycle's", () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) =>
    target === 'balancer' ? undefined : { identity: `${target}-${target === 'web01' && at >= 300 ? 2 : 1}` },
  )
  farm.add({ at: 312, target: 'balancer', lane: 'burst', ...badGateway })
  farm.play(400)
  expect(blamed(farm)).toEqual([['unknown', 'unknown']])
})

test('an answer that names its node is believed', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (at !== 300) return undefined
    if (target === 'balancer') return { ...badGateway, servedBy: 'web02', traceId: 'abc' }
    return target === 'web01' || target === 'web02' ? { reason: 'status', status: 502 } : undefined
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'node_down']])
  expect(farm.only('balancer_error')).toMatchObject([{ traceId: 'abc' }])
})

test("quick errors while every node was seen to be fine are the balancer's own", () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => (target === 'balancer' && at === 300 ? badGateway : undefined))
  sweep(farm, 300.1, { balancer: badGateway })
  farm.add({ at: 300.4, target: 'balancer', lane: 'burst', ...badGateway })
  farm.play(400)
  expect(blamed(farm)).toEqual([
    ['balancer', 'balancer'],
    ['balancer', 'balancer'],
    ['balancer', 'balancer'],
  ])
})

test('one quick error between two good looks at each node, far apart, is not explained by a guess', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400)
  farm.add({ at: 302, target: 'balancer', lane: 'burst', ...badGateway })
  farm.play(400)
  expect(blamed(farm)).toEqual([['unknown', 'unknown']])
})

test('a long wait that no node explains stays unexplained', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) =>
    target === 'balancer' && at === 300 ? { ...badGateway, firstByteMs: 30_001 } : undefined,
  )
  farm.play(400)
  expect(blamed(farm)).toEqual([['unknown', 'unknown']])
})

test('two nodes that are down at once are not told apart by a guess, and both are named', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (at !== 300 || target === 'web01') return undefined
    return target === 'balancer' ? badGateway : { reason: 'refused' }
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['unknown', 'node_down', ['web02', 'web03']]])
})

test('a time-out of ours on a balancer that waits for a cold node is explained like a 504', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (target === 'balancer')
      return at === 300 ? { reason: 'first_byte_timeout', totalMs: 20_000 } : undefined
    return target === 'web02' && at >= 300 && at < 325 ? { firstByteMs: (325 - at) * 1000 } : undefined
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'cold_start']])
})

test("a time-out while our own loop was late is nobody's", () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) =>
    target === 'balancer' && at === 300
      ? { reason: 'first_byte_timeout', totalMs: 3000, latenessMs: 400 }
      : undefined,
  )
  farm.play(400)
  expect(blamed(farm)).toEqual([])
})

test('every error is explained exactly once, also when many come', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 300)
  for (let index = 0; index < 600; index++)
    farm.add({ at: 300 + index / 100, target: 'balancer', lane: 'burst', ...badGateway })
  farm.play(500)
  const ids = farm.only('balancer_error').map(({ id }) => id)
  expect(ids.length).toBe(600)
  expect(new Set(ids).size).toBe(600)
})

test('a node that fails at once has kept no balancer waiting: the cold start after it has', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    const identity = { identity: `${target}-${target === 'web02' && at >= 305 ? 2 : 1}` }
    if (target === 'balancer') return at === 305 ? { ...badGateway, firstByteMs: 5001 } : undefined
    if (target !== 'web02') return identity
    if (at === 300) return { reason: 'status', status: 503, origin: 'ancm-app-offline' }
    return at === 305 || at === 310 ? { ...identity, firstByteMs: (316 - at) * 1000 } : identity
  })
  farm.add({ at: 304, target: 'web02', lane: 'burst', reason: 'status', status: 503 })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'cold_start']])
})

test('one slow answer that others overtook while the balancer waited does not accuse its node', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (target === 'balancer') return at === 300 ? { ...badGateway, firstByteMs: 2001 } : undefined
    return target === 'web03' && at === 300 ? { firstByteMs: 2600 } : undefined
  })
  sweep(farm, 300.3)
  farm.play(400)
  expect(blamed(farm)).toEqual([['unknown', 'unknown']])
})

test('an answer may name its node by address, as nginx does: the last of those it tried made it', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (at !== 300) return undefined
    if (target === 'balancer') return { ...badGateway, servedBy: '10.0.0.11:80, 10.0.0.12:80' }
    return target === 'web02' ? badGateway : undefined
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'node_down']])
})

test("the 502 of a node's own IIS is its recycle when a new worker shows itself afterwards, and only then", () => {
  for (const [recycled, cause] of [
    [true, 'recycle'],
    [false, 'node_down'],
  ] as const) {
    const farm = scriptedFarm(three)
    farm.ticks(0, 400, (at, target) => {
      const generation = recycled && target === 'web01' && at > 300 ? 2 : 1
      if (at === 300 && target === 'balancer') return { ...badGateway, servedBy: 'web01' }
      if (at === 300 && target === 'web01') return badGateway
      return target === 'balancer' ? undefined : { identity: `${target}-${generation}` }
    })
    farm.add({
      at: 300.5,
      target: 'web01',
      lane: 'burst',
      firstByteMs: 6000,
      identity: `web01-${recycled ? 2 : 1}`,
    })
    farm.play(400)
    expect(blamed(farm)).toEqual([['web01', cause]])
  }
})

test('a node that answers an error after a wait was starting cold when a new worker shows itself, whoever names it', () => {
  for (const named of [{ servedBy: 'web01' }, {}])
    for (const [recycled, cause] of [
      [true, 'cold_start'],
      [false, 'node_down'],
    ] as const) {
      const farm = scriptedFarm(three)
      farm.ticks(0, 400, (at, target) => {
        if (at === 300 && target === 'balancer') return { ...badGateway, firstByteMs: 3001, ...named }
        if (at === 300 && target === 'web01') return { reason: 'status', status: 500, firstByteMs: 4000 }
        if (target === 'balancer') return undefined
        return { identity: `${target}-${recycled && target === 'web01' && at > 300 ? 2 : 1}` }
      })
      farm.play(400)
      expect(blamed(farm)).toEqual([['web01', cause]])
    }
})

test('a recycle counts from the first request that the new worker took, not from the first that it answered', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (target === 'balancer') return at === 300 ? { ...badGateway, firstByteMs: 3001 } : undefined
    const identity = { identity: `${target}-${target === 'web03' && at >= 300 ? 2 : 1}` }
    return target === 'web03' && at === 300 ? { ...identity, firstByteMs: 8050 } : identity
  })
  farm.add({ at: 308, target: 'web03', lane: 'burst', identity: 'web03-2' })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web03', 'cold_start']])
})

test('of two nodes that start cold at once neither is blamed because his answer came first', () => {
  const coldUntil: Record<string, number> = { web01: 304, web03: 312 }
  const cold = (at: number, target: string) => {
    const until = coldUntil[target]
    return until !== undefined && at >= 300 && at < until ? { firstByteMs: (until - at) * 1000 } : undefined
  }
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) =>
    target === 'balancer' && at === 300 ? { ...badGateway, firstByteMs: 3001 } : cold(at, target),
  )
  sweep(farm, 303.01, { web01: { firstByteMs: 990 }, web03: { firstByteMs: 8990 } })
  farm.play(400)
  expect(blamed(farm)).toEqual([['unknown', 'cold_start', ['web01', 'web03']]])
})

test('an error late in a long cold start is still its own: it lasts until the new worker has answered', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (target === 'balancer')
      return at === 320 ? { ...badGateway, firstByteMs: 2001, servedBy: 'web01' } : undefined
    const isNew = target === 'web01' && at >= 300
    const waited = isNew && at < 326 ? { firstByteMs: (326 - at) * 1000 } : {}
    return { identity: `${target}-${isNew ? 2 : 1}`, ...waited }
  })
  farm.play(400)
  expect(blamed(farm)).toEqual([['web01', 'cold_start']])
})

/**
 * web01 answers nobody from second 300 to `until`, and has another worker afterwards or the same one. The balancer waits for it
 * in vain at 305 and at 330.
 */
function silent(until: number, different: { readonly recycled: boolean }): ScriptedFarm {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) => {
    if (target === 'balancer')
      return at === 305 || at === 330 ? { ...badGateway, firstByteMs: 2001, servedBy: 'web01' } : undefined
    if (target !== 'web01' || at < 300) return { identity: `${target}-1` }
    if (at < until - 30) return { reason: 'first_byte_timeout', totalMs: 30_000 }
    const identity = { identity: `web01-${different.recycled ? 2 : 1}` }
    return at < until ? { ...identity, firstByteMs: (until - at) * 1000 } : identity
  })
  return farm
}

test('a start that outlasts all time-outs is known as one when the new worker answers, and errors wait for it', () => {
  for (const [recycled, cause] of [
    [true, 'cold_start'],
    [false, 'timeout'],
  ] as const) {
    const farm = silent(380, { recycled })
    farm.play(379)
    expect(blamed(farm)).toEqual([])
    expect(farm.monitor.readings(startMs + 379_000).incidents).toMatchObject([{ node: 'web01' }])
    farm.play(390)
    expect(blamed(farm)).toEqual([
      ['web01', cause],
      ['web01', cause],
    ])
  }
})

test('a node that answers nobody for two minutes after an error is not starting', () => {
  const farm = silent(500, { recycled: true })
  farm.play(435)
  expect(blamed(farm)).toEqual([['web01', 'timeout']])
  farm.play(460)
  expect(blamed(farm)).toEqual([
    ['web01', 'timeout'],
    ['web01', 'timeout'],
  ])
})

test('a node whose probe timed out just before an error kept the balancer waiting, and was not down', () => {
  for (const [worker, cause] of [
    [2, 'cold_start'],
    [1, 'timeout'],
  ] as const) {
    const farm = scriptedFarm(three)
    farm.ticks(0, 500, (at, target) => {
      if (target === 'balancer') return at === 330 ? null : undefined
      if (target !== 'web01' || at < 300) return { identity: `${target}-1` }
      if (at === 300) return { reason: 'first_byte_timeout', totalMs: 30_000 }
      if (at < 330) return null
      return { identity: `web01-${worker}`, ...(at < 365 && { firstByteMs: (365 - at) * 1000 }) }
    })
    farm.add({ at: 331, target: 'balancer', ...badGateway, firstByteMs: 2001, servedBy: 'web01' })
    farm.play(400)
    expect(blamed(farm)).toEqual([['web01', cause]])
  }
})

test('an error that waits for a node to answer again goes on to wait after a restart', () => {
  for (const [recycled, cause] of [
    [true, 'cold_start'],
    [false, 'timeout'],
  ] as const) {
    const before = silent(390, { recycled })
    before.play(375)
    const state = JSON.parse(JSON.stringify(before.monitor.state()))
    const after = scriptedFarm(three, { snapshot: { restoredMs: startMs + 376_000, state } })
    const worker = { identity: `web01-${recycled ? 2 : 1}` }
    after.ticks(380, 420, (at, target) =>
      target === 'web01' && at >= 390 ? worker : at < 390 ? null : undefined,
    )
    after.play(388)
    expect(blamed(after)).toEqual([])
    after.play(400)
    expect(blamed(after)).toEqual([
      ['web01', cause],
      ['web01', cause],
    ])
  }
})

const fromNginx: Partial<Said> = { reason: 'status', status: 502, origin: 'nginx', firstByteMs: 3 }

/** Lone errors of nginx at some ticks, each with the sweep that it causes and a burst of good answers. */
function lone(atSeconds: readonly number[], different: Partial<Said> = {}): ScriptedFarm {
  const farm = scriptedFarm(three)
  const error = { ...fromNginx, ...different }
  farm.ticks(0, 400, (at, target) => (target === 'balancer' && atSeconds.includes(at) ? error : undefined))
  for (const at of atSeconds) {
    sweep(farm, at + 0.1)
    for (const after of [0.35, 0.6, 0.85]) farm.add({ at: at + after, target: 'balancer', lane: 'burst' })
  }
  farm.play(400)
  return farm
}

test('the third 502 at once after an idle time, with every node fine, is a connection that a node had closed', () => {
  const farm = lone([100, 200, 300])
  expect(blamed(farm)).toEqual([
    ['balancer', 'balancer'],
    ['balancer', 'balancer'],
    ['balancer', 'stale_connection'],
  ])
  const [, , closed] = farm.only('incident_closed')
  expect(closed?.snapshot).toMatchObject({ node: 'balancer', cause: 'stale_connection' })
  expect(closed?.snapshot.summary).toContain('the balancer used a connection again that a node had closed')
})

test('an error page that names its node says whose closed connection it was', () => {
  expect(blamed(lone([100, 200, 300], { servedBy: 'web02' })).at(-1)).toEqual(['web02', 'stale_connection'])
})

test('what waited, what no balancer wrote and what is no 502 is no closed connection', () => {
  const balancer = ['balancer', 'balancer']
  expect(blamed(lone([100, 200, 300], { firstByteMs: 400 }))).toEqual([balancer, balancer, balancer])
  expect(blamed(lone([100, 200, 300], { origin: 'unknown' }))).toEqual([balancer, balancer, balancer])
  expect(blamed(lone([100, 200, 300], { status: 503 }))).toEqual([balancer, balancer, balancer])
})

const isAsked = (at: number) => [100, 200, 300].includes(at)

test('a balancer that fails for longer than idle connections last is at fault itself, however often it does', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) =>
    target === 'balancer' && at % 50 === 0 && at > 0 ? fromNginx : undefined,
  )
  for (let at = 50; at < 400; at += 50) {
    sweep(farm, at + 0.05, { balancer: fromNginx })
    for (const after of [0.3, 0.55])
      farm.add({ at: at + after, target: 'balancer', lane: 'burst', ...fromNginx })
    sweep(farm, at + 0.8)
  }
  farm.play(400)
  expect(blamed(farm)).toHaveLength(28)
  expect(new Set(blamed(farm).map(([, cause]) => cause))).toEqual(new Set(['balancer']))
})

test('errors that come as well while one request follows the other are no closed connections', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => (target === 'balancer' && isAsked(at) ? fromNginx : undefined))
  for (const at of [100, 200, 300]) {
    sweep(farm, at + 0.1)
    farm.add({ at: at + 0.35, target: 'balancer', lane: 'burst', ...fromNginx })
    sweep(farm, at + 0.6)
  }
  farm.play(400)
  expect(blamed(farm).map(([, cause]) => cause)).not.toContain('stale_connection')
})

const kernel503: Partial<Said> = { reason: 'status', status: 503, origin: 'iis-kernel' }

test('a node whose kernel refuses some requests and answers others in between has too many', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (at !== 300 && at !== 310) return undefined
    if (target === 'balancer') return at === 310 ? kernel503 : undefined
    return target === 'web02' ? kernel503 : undefined
  })
  sweep(farm, 310.1)
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'overload']])
})

test('a node whose kernel refuses all requests for a while is down, not overloaded', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 400, (at, target) => {
    if (at < 300 || at > 310) return undefined
    if (target === 'balancer') return at === 310 ? kernel503 : undefined
    return target === 'web02' ? kernel503 : undefined
  })
  sweep(farm, 310.1, { web02: kernel503 })
  farm.play(400)
  const [[node, cause] = []] = blamed(farm)
  expect([node, cause]).not.toContain('overload')
  expect(node).toBe('web02')
})

test('a node that says itself that it runs too many requests is overloaded', () => {
  const farm = scriptedFarm(three)
  const tells =
    'IIS: the worker process refused the request (503.2: more requests at once than appConcurrentRequestLimit allows)'
  const limit: Partial<Said> = { reason: 'status', status: 503, origin: 'iis-worker', tells }
  farm.ticks(0, 400, (at, target) =>
    at === 300 && (target === 'balancer' || target === 'web02') ? limit : undefined,
  )
  sweep(farm, 300.1)
  farm.play(400)
  expect(blamed(farm)).toEqual([['web02', 'overload']])
})
