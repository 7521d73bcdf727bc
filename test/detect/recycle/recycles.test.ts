import { expect, test } from 'vitest'
import { sampleCheck } from '../../support/farms/sample_farm.ts'
import { type ScriptedFarm, scriptedFarm, secondsOf } from '../../support/farms/scripted_farm.ts'

const recycles = (farm: ScriptedFarm) =>
  farm.only('recycle').map((event) => [event.target, event.evidence, secondsOf(event)])

const three = ['web01', 'web02', 'web03']
const twoChecks = [sampleCheck(), sampleCheck({ name: 'shop', path: '/shop' })]
const token = (name: string, generation: number) => ({ identity: `${name}-${generation}` })

/** A cold start at 300 s: the tick and whatever is asked meanwhile is answered at `until`. */
const coldUntil =
  (until: number, node = 'web02') =>
  (at: number, target: string) =>
    target === node && at >= 300 && at < until ? { firstByteMs: (until - at) * 1000 } : undefined

test('a token never seen before is a recycle, told once though two checks and the balancer see it', () => {
  const farm = scriptedFarm(three, { checks: twoChecks })
  farm.ticks(0, 600, (at, target) =>
    target === 'balancer'
      ? { servedBy: 'web02', ...token('web02', at >= 300 ? 2 : 1) }
      : token(target, target === 'web02' && at >= 300 ? 2 : 1),
  )
  farm.play(600)
  expect(recycles(farm)).toEqual([['web02', 'identity', 300]])
})

test('the tokens of a web garden take turns and are no recycles', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 3600, (at) => ({ identity: `w${(at / 5) % 4}` }))
  farm.play(3600)
  expect(recycles(farm)).toEqual([])
})

test('a new token in a web garden is one recycle, and so is a whole new garden that was waited for', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 7200, (at) => {
    const worker = (at / 5) % 4
    if (at === 3600) return { identity: 'third-0', firstByteMs: 3000 }
    if (at > 3600) return { identity: `third-${worker}` }
    return { identity: at >= 1800 && worker === 2 ? 'second-2' : `w${worker}` }
  })
  farm.play(7200)
  expect(recycles(farm)).toEqual([
    ['web01', 'identity', 1810],
    ['web01', 'identity', 3600],
  ])
})

test('an old worker that still finishes a request is not a new one', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 600, (at) => token('web01', at >= 300 ? 2 : 1))
  farm.add({ at: 300.25, target: 'web01', lane: 'burst', firstByteMs: 40_000, ...token('web01', 1) })
  farm.play(600)
  expect(recycles(farm)).toEqual([['web01', 'identity', 300]])
})

test('a second worker that joins the first is at most one recycle, not one at every answer', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 3600, (at) => token('web01', at >= 600 && (at / 5) % 2 === 0 ? 2 : 1))
  farm.play(3600)
  expect(recycles(farm).length).toBeLessThanOrEqual(1)
})

test('a token that changes with every request says nothing about workers', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 3600, (at) => ({ identity: `request-${at}` }))
  farm.play(3600)
  expect(recycles(farm)).toEqual([])
})

test('a slow answer of a worker known by its token is no recycle', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(309)
  farm.ticks(0, 600, (at, target) => ({ ...token(target, 1), ...cold(at, target) }))
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('the ASP.NET Core Module announces a recycle; the new token that follows is the same one', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 600, (at, target) => {
    if (target === 'balancer') return undefined
    if (at !== 300) return token('web01', at > 300 ? 2 : 1)
    const evidence = { statusText: 'Server has been shutdown', headers: [], bodyStart: '' }
    return { reason: 'status', status: 503, evidence }
  })
  farm.play(600)
  expect(recycles(farm)).toEqual([['web01', 'shutdown_notice', 300]])
})

test('one node far above its baseline, and then back, is a cold start', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, coldUntil(304))
  farm.play(600)
  expect(recycles(farm)).toEqual([['web02', 'cold_start', 300]])
})

test('probes that queued behind one cold start are one recycle', () => {
  const farm = scriptedFarm(three, { checks: twoChecks })
  farm.ticks(0, 600, coldUntil(323))
  farm.play(600)
  expect(recycles(farm)).toEqual([['web02', 'cold_start', 300]])
})

test('failures and then an answer as slow as a cold start are a recycle', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) => {
    if (target !== 'web03' || at < 300 || at > 315) return undefined
    return at === 315 ? { firstByteMs: 2500 } : { reason: 'refused' }
  })
  farm.play(600)
  expect(recycles(farm)).toEqual([['web03', 'outage', 300]])
})

test('failures and then an answer at the usual speed are no recycle', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) =>
    target === 'web03' && at >= 300 && at < 315 ? { reason: 'unreachable' } : undefined,
  )
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('a slow answer that others of the same node overtake is only a slow page', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) => (target === 'web02' && at === 300 ? { firstByteMs: 12_000 } : undefined))
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('a slow network slows every node and recycles none', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at) => (at === 300 || at === 305 ? { firstByteMs: 900 } : undefined))
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('a slow prober marks its samples and blames nobody', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) =>
    at === 300 && target === 'web02' ? { firstByteMs: 4000, latenessMs: 3900 } : undefined,
  )
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('a page that is slow every twentieth time is slow by nature', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 7200, (at, target) =>
    target !== 'balancer' && ((at / 5) * 7) % 20 === (target === 'web01' ? 0 : 3)
      ? { firstByteMs: 900 }
      : undefined,
  )
  farm.play(7200)
  expect(recycles(farm)).toEqual([])
})

test('garbage collection is short, and no recycle', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 7200, (at, target) =>
    target === 'web01' && at % 600 === 300 ? { firstByteMs: 250 } : undefined,
  )
  farm.play(7200)
  expect(recycles(farm)).toEqual([])
})

test('a node that gets slower and slower is no recycle', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 14_400, (at, target) => (target === 'web01' ? { firstByteMs: 20 * 1.0005 ** at } : undefined))
  farm.play(14_400)
  expect(recycles(farm)).toEqual([])
})

test('a node that is slow from one moment on is no recycle', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 7200, (at, target) => (target === 'web01' && at >= 3600 ? { firstByteMs: 700 } : undefined))
  farm.play(7200)
  expect(recycles(farm)).toEqual([])
})

test('nodes that recycle one after another are a deploy', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 900, (at, target) => {
    const turn = 300 + 60 * three.indexOf(target)
    return target === 'balancer' ? undefined : token(target, at >= turn ? 2 : 1)
  })
  farm.play(900)
  expect(recycles(farm).length).toBe(3)
  expect(farm.only('deploy')).toMatchObject([{ targets: three }])
})

test('two of three nodes are no deploy', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 1800, (at, target) => token(target, at >= 300 && target !== 'web03' ? 2 : 1))
  farm.play(1800)
  expect(farm.only('deploy')).toEqual([])
})

test('nodes that recycle in the same second are no deploy', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) => token(target, at >= 300 ? 2 : 1))
  farm.play(600)
  expect(recycles(farm).length).toBe(3)
  expect(farm.only('deploy')).toEqual([])
})

test('a stopped pool that answers again has a new worker', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) =>
    target === 'web01' && at >= 300 && at < 320
      ? { reason: 'status', status: 503, origin: 'iis-kernel' }
      : undefined,
  )
  farm.play(600)
  expect(recycles(farm)).toEqual([['web01', 'shutdown_notice', 300]])
})

test('a queue that is full now and then is no stopped pool', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) =>
    target === 'web01' && at >= 300 && at % 20 === 0
      ? { reason: 'status', status: 503, origin: 'iis-kernel' }
      : undefined,
  )
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('app_offline.htm ends with a new worker', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) =>
    target === 'web01' && at === 300
      ? { reason: 'status', status: 503, origin: 'ancm-app-offline' }
      : undefined,
  )
  farm.play(600)
  expect(recycles(farm)).toEqual([['web01', 'shutdown_notice', 300]])
})

test('nodes that recycle in the same second without tokens are told apart from a slow network', () => {
  const farm = scriptedFarm(three)
  const warmAt: Record<string, number> = { web01: 305.2, web02: 307.9, web03: 306.4 }
  const cold = (at: number, target: string) => {
    const until = warmAt[target] ?? 0
    return at >= 300 && at < until ? { firstByteMs: (until - at) * 1000 } : undefined
  }
  farm.ticks(0, 600, cold)
  for (const target of three) farm.add({ at: 300.5, target, lane: 'burst', ...cold(300.5, target) })
  farm.play(600)
  expect(recycles(farm).sort(([a], [b]) => String(a).localeCompare(String(b)))).toEqual(
    three.map((target) => [target, 'cold_start', 300]),
  )
})

const stuck = (at: number) => (at >= 300 && at < 306 ? { firstByteMs: (306 - at) * 1000 } : undefined)

test('nodes that all wait for the same database are no recycles', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, stuck)
  for (const target of three) farm.add({ at: 300.5, target, lane: 'burst', ...stuck(300.5) })
  farm.play(600)
  expect(recycles(farm)).toEqual([])
})

test('a second cold start of the same check, well after the first was over, is another recycle', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(306)
  farm.ticks(0, 700, (at, target) => cold(at, target) ?? cold(at - 40, target))
  for (const at of [300.5, 340.5]) farm.add({ at, target: 'web02', lane: 'burst', firstByteMs: 5500 })
  farm.play(700)
  expect(recycles(farm)).toEqual([
    ['web02', 'cold_start', 300],
    ['web02', 'cold_start', 340],
  ])
})

/** Two checks of the same pages. */
function homeAndApi() {
  const [home] = scriptedFarm(three).farm.checks
  if (home === undefined) throw new Error('the sample farm has no check')
  return scriptedFarm(three, { checks: [home, { ...home, name: 'api', path: '/api' }] })
}

test('a new token two minutes after a cold start is that of another worker', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(306)
  farm.ticks(0, 700, (at, target) => {
    const identity = at < 310 ? undefined : `${target}-${at < 420 ? 1 : 2}`
    return { ...cold(at, target), ...(identity === undefined ? {} : { identity }) }
  })
  farm.add({ at: 300.5, target: 'web02', lane: 'burst', firstByteMs: 5500 })
  farm.play(700)
  expect(recycles(farm).filter(([target]) => target === 'web02')).toEqual([
    ['web02', 'cold_start', 300],
    ['web02', 'identity', 420],
  ])
})

test('a second cold start that another check met first is another recycle', () => {
  const farm = homeAndApi()
  const cold = coldUntil(306)
  farm.ticks(0, 700, (at, target, { name }) => (name === 'home' ? cold(at, target) : cold(at - 40, target)))
  farm.add({ at: 300.5, target: 'web02', check: 'home', lane: 'burst', firstByteMs: 5500 })
  farm.add({ at: 340.5, target: 'web02', check: 'home', lane: 'burst', firstByteMs: 5500 })
  farm.play(700)
  expect(recycles(farm).map(([, , at]) => at)).toEqual([300, 340])
})

const refusedIn =
  (from: number, check: string) =>
  (at: number, target: string, { name }: { name: string }) =>
    target === 'web02' && name === check && at >= from && at < from + 10
      ? { reason: 'refused' as const }
      : undefined

test('a node that refuses connections again half a minute later has ended again, whichever check meets it', () => {
  const farm = homeAndApi()
  const first = refusedIn(300, 'home')
  const second = refusedIn(330, 'api')
  farm.ticks(0, 700, (...tick) => first(...tick) ?? second(...tick))
  for (const at of [300.5, 301])
    farm.add({ at, target: 'web02', check: 'home', lane: 'burst', reason: 'refused' })
  for (const at of [330.5, 331])
    farm.add({ at, target: 'web02', check: 'api', lane: 'burst', reason: 'refused' })
  farm.play(700)
  expect(recycles(farm).map(([, , at]) => at)).toEqual([300, 330])
})

test('a pool that stops after its new worker was seen at work gets another one', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(306)
  farm.ticks(0, 700, (at, target) =>
    target === 'web02' && at >= 340 && at < 400
      ? { reason: 'status', status: 503, origin: 'iis-kernel' }
      : cold(at, target),
  )
  farm.add({ at: 300.5, target: 'web02', lane: 'burst', firstByteMs: 5500 })
  farm.play(700)
  expect(recycles(farm)).toEqual([
    ['web02', 'cold_start', 300],
    ['web02', 'shutdown_notice', 340],
  ])
})

const findings = (farm: ScriptedFarm) =>
  farm.only('identity').map(({ check, finding, other }) => [check, finding, other])

test('a token that is the same on every node is no identity: it is said once, and cold starts are found without it', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(304)
  farm.ticks(0, 600, (at, target) => ({ identity: '1', ...cold(at, target) }))
  farm.play(600)
  expect(findings(farm)).toEqual([['home', 'constant', undefined]])
  expect(recycles(farm)).toEqual([['web02', 'cold_start', 300]])
})

test('a token that is the name of the node is said, and recycles are found without it', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(304)
  farm.ticks(0, 600, (at, target) => ({ identity: target.toUpperCase(), ...cold(at, target) }))
  farm.play(600)
  expect(findings(farm)[0]).toEqual(['home', 'constant', undefined])
  expect(recycles(farm)).toEqual([['web02', 'cold_start', 300]])
})

test('a token that outlives every stall is the name of a machine: it is said, and relied on no longer', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 1200, (at, target) =>
    target === 'web02' && at % 300 < 10 && at >= 300 && at < 1000
      ? { reason: 'refused' }
      : { identity: `machine-${target}` },
  )
  farm.play(1200)
  expect(findings(farm)).toEqual([['home', 'constant', undefined]])
})

test('a token that two nodes show is said with both names, and blames neither', () => {
  const farm = scriptedFarm(three)
  farm.ticks(0, 600, (at, target) => {
    if (target !== 'balancer') return { identity: target === 'web03' ? 'other' : 'twin' }
    return at === 300 ? { reason: 'status', status: 502, identity: 'twin' } : undefined
  })
  farm.play(600)
  expect(findings(farm)).toEqual([['home', 'shared', 'web02']])
  expect(farm.only('balancer_error')).not.toMatchObject([{ node: 'web01' }])
})

test('a token that changes with every answer, and tokens that come back, are said', () => {
  const churning = scriptedFarm(three)
  churning.ticks(0, 600, (at, target) => ({ identity: `${target}-${at}` }))
  churning.play(600)
  expect(findings(churning)).toEqual([['home', 'churning', undefined]])
  const returning = scriptedFarm(['web01'])
  returning.ticks(0, 3600, (at) => ({ identity: `pid-${Math.floor(at / 300) % 3}` }))
  returning.play(3600)
  expect(findings(returning)).toEqual([['home', 'returning', undefined]])
})

test('what changes exactly when nodes start, and differs by node, is found and used', () => {
  const farm = scriptedFarm(three, { checks: [sampleCheck({ identity: 'auto' })] })
  farm.ticks(0, 1800, (at, target) => {
    if (target === 'balancer') return undefined
    const startedAt = 300 * (1 + three.indexOf(target))
    const boot = `${target}-${at >= startedAt ? 2 : 1}-${at >= startedAt + 900 ? 2 : 1}`
    const others = { 'header X-Node': target, 'header X-Request': String(at), 'header X-Version': '1.0' }
    const candidates = { ...others, 'header X-Boot': boot }
    return at === startedAt ? { candidates, firstByteMs: 3000 } : { candidates }
  })
  farm.play(1800)
  expect(farm.only('identity')).toMatchObject([
    { finding: 'found', source: 'header X-Boot', target: 'web02' },
  ])
  const byIdentity = recycles(farm).filter(([, evidence]) => evidence === 'identity')
  expect(byIdentity).toEqual([
    ['web03', 'identity', 900],
    ['web01', 'identity', 1200],
    ['web02', 'identity', 1500],
  ])
})

test('what looked like a cold start hides no later one when the worker before it answers again first', () => {
  const farm = scriptedFarm(three)
  const cold = coldUntil(306)
  farm.ticks(0, 600, (at, target) => ({
    ...cold(at, target),
    ...(target === 'web02' && (at < 100 || at >= 310) ? token(target, at >= 340 ? 2 : 1) : {}),
  }))
  farm.play(600)
  expect(recycles(farm)).toEqual([
    ['web02', 'cold_start', 300],
    ['web02', 'identity', 340],
  ])
})
