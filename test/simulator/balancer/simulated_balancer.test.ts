import { describe, expect, test } from 'vitest'
import { takesOut } from '../../../proof/truth/simulated/health_rotation.ts'
import { leastConnections } from '../../../proof/truth/simulated/least_connections.ts'
import { haproxy, nginx } from '../../../proof/truth/simulated/products.ts'
import { arr } from '../../../src/simulator/balancer/gateway_answer.ts'
import type {
  BalancerPlan,
  Happening,
  NodeOutageKind,
  Scenario,
} from '../../../src/simulator/farm/blueprint.ts'
import { balancer } from '../../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../../src/simulator/farm/chance.ts'
import { askStill, at, stillNodes, stillScenario } from '../../support/farms/still_farm.ts'

function outage(how: NodeOutageKind, fromMs: number, forMs: number, node = 'web01'): Happening {
  return {
    when: at(fromMs),
    nodes: [node],
    what: { kind: 'outage', how, forMs: fixed(forMs), restarts: false },
  }
}

const recycle = (atMs: number, node = 'web01'): Happening => ({
  when: at(atMs),
  nodes: [node],
  what: { kind: 'recycle', cause: 'demand' },
})

function farmOf(
  count: number,
  plan: Partial<BalancerPlan>,
  happenings: readonly Happening[] = [],
  different: Partial<Scenario> = {},
) {
  const nodes = stillNodes(count)
  return askStill(stillScenario({}, { nodes, balancer: balancer(plan), happenings, ...different }))
}

const nodesAsked = (farm: ReturnType<typeof askStill>, count: number, stepMs = 1000) =>
  Array.from({ length: count }, (_, index) => farm.served(index * stepMs, 'balancer').node)

describe('which node the balancer asks', () => {
  test('round robin takes every node in turn', () => {
    expect(nodesAsked(farmOf(3, {}), 6)).toEqual(['web02', 'web03', 'web01', 'web02', 'web03', 'web01'])
  })

  test('users take turns, too, so probes meet the nodes in no order', () => {
    const farm = farmOf(3, {}, [], { users: { perSecond: 5, night: 1 } })
    const asked = nodesAsked(farm, 300)
    const repeats = asked.filter((node, index) => node === asked[index - 1]).length
    expect(repeats).toBeGreaterThan(50)
    expect(repeats).toBeLessThan(150)
  })

  test('weights are kept within every round', () => {
    const nodes = stillNodes(2).map((node) => (node.name === 'web01' ? { ...node, weight: 3 } : node))
    const asked = nodesAsked(farmOf(2, {}, [], { nodes }), 8)
    expect(asked.filter((node) => node === 'web01')).toHaveLength(6)
    expect(asked.slice(0, 4).filter((node) => node === 'web02')).toHaveLength(1)
  })

  test('the fewest connections keep requests away from a node that is slow to start', () => {
    const farm = farmOf(2, { algorithm: leastConnections }, [recycle(1000, 'web01')])
    expect(farm.firstByteMs(2000, 'web01')).toBe(6020)
    const asked = Array.from({ length: 10 }, (_, index) => farm.served(2100 + index * 100, 'balancer'))
    expect(asked.filter(({ node }) => node === 'web01')).toHaveLength(1)
  })
})

const products = { arr, nginx, haproxy }

describe('what it does about a node that fails', () => {
  test.each([
    ['arr', 'refused', 502, 1477],
    ['arr', 'reset', 502, 1477],
    ['nginx', 'refused', 502, 150],
    ['haproxy', 'refused', 503, 107],
    ['haproxy', 'reset', 502, 107],
    ['haproxy', 'closed', 502, 107],
  ] as const)('%s answers to %s with %i of %i bytes', (product, how, status, bytes) => {
    const farm = farmOf(1, { product: products[product] }, [outage(how, 1000, 5000)])
    expect(farm.served(2000, 'balancer')).toMatchObject({
      page: { status, bytes },
      node: undefined,
      token: undefined,
      blame: { node: 'web01', cause: 'node_down' },
    })
    expect(farm.firstByteMs(2500, 'balancer')).toBeLessThan(10)
  })

  test.each([
    ['arr', 502],
    ['nginx', 504],
    ['haproxy', 504],
  ] as const)('%s gives up on a cold start after its time-out, with %i', (product, status) => {
    const farm = farmOf(1, { product: products[product], timeoutMs: 3000 }, [recycle(1000)])
    expect(farm.served(2000, 'balancer')).toMatchObject({
      page: { status },
      firstByteMs: 3001,
      blame: { node: 'web01', cause: 'cold_start', alsoRight: ['recycle'] },
    })
    expect(farm.firstByteMs(5500, 'balancer')).toBe(8000 - 5500 + 20 + 1)
  })

  test('a warm page that is slower than the balancer waits is a time-out, and no cold start', () => {
    const farm = farmOf(1, { timeoutMs: 10 })
    expect(farm.served(1000, 'balancer')).toMatchObject({
      page: { status: 502 },
      blame: { node: 'web01', cause: 'timeout' },
    })
  })

  test('a cold start after an idle stop is not blamed on a recycle', () => {
    const idle = { afterMs: 60_000, action: 'terminate', wakeMs: fixed(1) } as const
    const nodes = stillNodes(1, { idle })
    const farm = farmOf(1, { timeoutMs: 3000 }, [], { nodes })
    expect(farm.served(120_000, 'balancer').blame).toMatchObject({ cause: 'cold_start', alsoRight: [] })
  })

  test('the 503 of a node is passed on, with the node', () => {
    const farm = farmOf(1, {}, [
      { when: at(1000), what: { kind: 'deploy', by: 'app_offline', gapMs: 0, forMs: fixed(9000) } },
    ])
    expect(farm.served(2000, 'balancer')).toMatchObject({ page: { name: 'app_offline' }, node: 'web01' })
  })

  test('a node that does not answer costs the whole time-out', () => {
    const farm = farmOf(1, {}, [outage('unanswered', 1000, 90_000)])
    expect(farm.served(2000, 'balancer')).toMatchObject({ page: { status: 502 }, firstByteMs: 30_001 })
  })
})

describe('retries', () => {
  const refusing = [outage('refused', 1000, 60_000, 'web01')]

  test('without them every second user sees the failing one of two nodes', () => {
    const farm = farmOf(2, { retry: 'never' }, refusing)
    const pages = Array.from({ length: 10 }, (_, index) => farm.served(2000 + index * 1000, 'balancer').page)
    expect(pages.filter(({ status }) => status === 502)).toHaveLength(5)
  })

  test('with them no user does', () => {
    const farm = farmOf(2, { retry: 'error' }, refusing)
    const pages = Array.from({ length: 10 }, (_, index) => farm.served(2000 + index * 1000, 'balancer').page)
    expect(pages.every(({ status }) => status === 200)).toBe(true)
  })

  test('a time-out is retried only where that is wanted, and its time is spent', () => {
    const once = farmOf(2, { retry: 'error', timeoutMs: 3000 }, [recycle(1000, 'web02')])
    expect(once.served(2000, 'balancer').page.status).toBe(502)
    const twice = farmOf(2, { retry: 'error_and_timeout', timeoutMs: 3000 }, [recycle(1000, 'web02')])
    expect(twice.served(2000, 'balancer')).toMatchObject({ node: 'web01', firstByteMs: 3000 + 20 + 1 })
  })

  test('there is one retry and no more', () => {
    const down = ['web01', 'web02', 'web03'].map((node) => outage('refused', 1000, 60_000, node))
    expect(farmOf(4, { retry: 'error' }, down).served(2000, 'balancer').page.status).toBe(502)
  })
})

describe('health checks', () => {
  const health = { path: '/', everyMs: 5000, timeoutMs: 2000, fall: 2, rise: 2 }

  test('they take a failing node out after so many failures and put it back after so many successes', () => {
    const farm = farmOf(2, takesOut({ health }), [outage('refused', 11_000, 30_000, 'web01')])
    farm.advance(120_000)
    expect(farm.happened('rotation').map(({ atMs, inRotation }) => [atMs, inRotation])).toEqual([
      [20_000, false],
      [50_000, true],
    ])
  })

  test('a node out of rotation gets no requests, so users see no errors', () => {
    const farm = farmOf(2, takesOut({ health }), [outage('refused', 11_000, 60_000, 'web01')])
    const pages = Array.from(
      { length: 20 },
      (_, index) => farm.served(21_000 + index * 1000, 'balancer').page,
    )
    expect(pages.every(({ status }) => status === 200)).toBe(true)
    expect(farm.failed(45_000, 'web01').how).toBe('refused')
  })

  test('with every node out of rotation the balancer has none to ask, and all of them may be blamed', () => {
    const down = ['web01', 'web02'].map((node) => outage('refused', 11_000, 60_000, node))
    expect(farmOf(2, takesOut({ health }), down).served(30_000, 'balancer')).toMatchObject({
      page: { name: 'iis_502' },
      blame: { nodes: ['web01', 'web02'], cause: 'node_down' },
    })
  })

  test('a health check may be the first request of a crashed pool', () => {
    const farm = farmOf(2, takesOut({ health }), [
      { when: at(11_000), nodes: ['web01'], what: { kind: 'crash' } },
    ])
    farm.advance(30_000)
    expect(farm.happened('first_request')).toMatchObject([{ node: 'web01', from: 'health', atMs: 15_000 }])
  })
})

describe('counted failures', () => {
  const passive = { fails: 3, forMs: 10_000 }

  test('so many failed requests in a row take a node out for a while', () => {
    const farm = farmOf(2, takesOut({ passive }), [outage('refused', 1000, 9000, 'web01')])
    const statuses = Array.from(
      { length: 10 },
      (_, index) => farm.served(2000 + index * 500, 'balancer').page.status,
    )
    expect(statuses).toEqual([200, 502, 200, 502, 200, 502, 200, 200, 200, 200])
    farm.advance(60_000)
    expect(farm.happened('rotation').map(({ atMs, inRotation }) => [atMs, inRotation])).toEqual([
      [4500, false],
      [14_500, true],
    ])
  })

  test('the failures of users count', () => {
    const down = [outage('refused', 10_000, 30_000, 'web01')]
    const farm = farmOf(2, takesOut({ passive }), down, { users: { perSecond: 100, night: 1 } })
    farm.advance(11_000)
    expect(farm.happened('rotation')).toMatchObject([{ node: 'web01', inRotation: false }])
  })
})

test("the recycle of the balancer's own pool makes errors while every node is fine", () => {
  const farm = farmOf(3, {}, [{ when: at(10_000), what: { kind: 'balancer_recycle', forMs: fixed(3000) } }])
  expect(farm.served(11_000, 'balancer')).toMatchObject({
    page: { status: 502 },
    blame: { node: 'balancer', cause: 'balancer' },
  })
  expect(farm.served(11_000, 'web02').page.status).toBe(200)
  expect(farm.served(13_001, 'balancer').page.status).toBe(200)
  expect(farm.happened('outage')).toMatchObject([{ target: 'balancer', how: 'gateway' }])
})

test('an unknown target is an error of the caller', () => {
  expect(() => farmOf(1, {}).answer(1000, 'web09')).toThrow('No target web09 in the simulated farm still')
})
