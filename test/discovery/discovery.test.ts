import { expect, test } from 'vitest'
import { startDiscovery } from '../../src/discovery/discovery.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'
import { discovering, discoveringFarm } from '../support/files/discovering.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'
import { tempDir } from '../support/temp_dir.ts'

const dns = {
  name: 'nodes.example.org',
  family: 'both',
  refreshMs: 30_000,
  scheme: 'http',
  port: 8080,
} as const

const notFound = () =>
  Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }))

test('farms without discovery are reported at once, but not before the start returns', async () => {
  const definition = { farm: sampleFarm() }
  await using found = discovering([definition])
  expect(found.reported).toEqual([])
  await found.next()
  expect(found.reported).toEqual([[definition.farm]])
  expect(found.reported[0]?.[0]).toBe(definition.farm)
})

test('every address of a name is a node, in a fixed order', async () => {
  await using found = discovering([discoveringFarm({ dns })], {
    clock: createSimulatedClock(),
    resolve: async () => ['10.0.0.10', '2001:db8::1', '10.0.0.9', '10.0.0.10'],
  })
  expect(await found.next()).toEqual([
    '10.0.0.9 http://10.0.0.9:8080',
    '10.0.0.10 http://10.0.0.10:8080',
    '2001:db8::1 http://2001:db8::1:8080',
  ])
})

test.each([
  [4, ['10.0.0.9 http://10.0.0.9:8080', '10.0.0.10 http://10.0.0.10:8080']],
  [6, ['2001:db8::1 http://2001:db8::1:8080']],
] as const)('only the addresses of family %i are nodes where it is asked for', async (family, nodes) => {
  await using found = discovering([discoveringFarm({ dns: { ...dns, family } })], {
    clock: createSimulatedClock(),
    resolve: async () => ['10.0.0.10', '2001:db8::1', '10.0.0.9'],
  })
  expect(await found.next()).toEqual(nodes)
})

test('a name without an address of the family is a failure that says so', async () => {
  await using found = discovering([discoveringFarm({ dns: { ...dns, family: 6 } })], {
    clock: createSimulatedClock(),
    resolve: async () => ['10.0.0.10'],
  })
  await found.next()
  expect(found.problems).toEqual([
    'farm intranet: discover.dns: "nodes.example.org" cannot be resolved: it has no IPv6 address, and ' +
      'discover.dns.family is 6; it gives no nodes',
  ])
})

test('a name is resolved again at every refresh, and only a change is reported', async () => {
  const clock = createSimulatedClock()
  let addresses = ['10.0.0.1', '10.0.0.2']
  let asked = 0
  await using found = discovering([discoveringFarm({ dns }), { farm: sampleFarm({ name: 'shop' }) }], {
    clock,
    resolve: async () => {
      asked++
      return addresses
    },
  })
  expect(await found.next()).toHaveLength(2)
  addresses = ['10.0.0.2', '10.0.0.1']
  await clock.advance(30_000)
  expect([asked, found.reported.length]).toEqual([2, 1])
  addresses = ['10.0.0.2', '10.0.0.3']
  await clock.advance(30_000)
  expect(await found.next()).toEqual(['10.0.0.2 http://10.0.0.2:8080', '10.0.0.3 http://10.0.0.3:8080'])
  expect(found.reported[1]?.[1]).toBe(found.reported[0]?.[1])
})

test('a refresh that fails keeps the last good nodes, is counted each time and reported once', async () => {
  const clock = createSimulatedClock()
  let answer: string[] | undefined = ['10.0.0.1']
  await using found = discovering([discoveringFarm({ dns })], {
    clock,
    resolve: async () => answer ?? notFound(),
  })
  await found.next()
  answer = undefined
  await clock.advance(90_000)
  expect(found.reported).toHaveLength(1)
  expect(found.failures).toEqual(['intranet dns', 'intranet dns', 'intranet dns'])
  expect(found.problems).toEqual([
    'farm intranet: discover.dns: "nodes.example.org" cannot be resolved: there is no such name; keeping ' +
      'the last node it gave',
  ])
  answer = []
  await clock.advance(30_000)
  expect(found.problems[1]).toContain('the name has no address')
  expect(found.mended).toEqual([])
  answer = ['10.0.0.1']
  await clock.advance(60_000)
  expect(found.mended).toEqual(['intranet dns'])
})

test('a first resolution that fails, or never ends, delays the farms only shortly', async () => {
  const clock = createSimulatedClock()
  const silent = discoveringFarm({ dns: { ...dns, name: 'silent.example.org' } })
  const broken = discoveringFarm({ dns }, 'shop')
  await using found = discovering([silent, broken], {
    clock,
    resolve: (name) => (name.startsWith('silent') ? new Promise<never>(() => undefined) : notFound()),
  })
  await clock.advance(4999)
  expect(found.reported).toEqual([])
  await clock.advance(1)
  expect(await found.next()).toEqual([])
  expect(found.problems).toEqual([
    'farm shop: discover.dns: "nodes.example.org" cannot be resolved: there is no such name; it gives no nodes',
    'farm intranet: discover.dns: "silent.example.org" cannot be resolved: no answer within 5s; it gives no nodes',
  ])
})

test('a reload while the name server is down loses no node when it shares the memory', async () => {
  const memory = new Map()
  const clock = createSimulatedClock()
  const before = discovering([discoveringFarm({ dns })], { clock, memory, resolve: async () => ['10.0.0.1'] })
  await before.next()
  await before.stop()
  await using after = discovering([discoveringFarm({ dns })], { clock, memory, resolve: notFound })
  expect(await after.next()).toEqual(['10.0.0.1 http://10.0.0.1:8080'])
})

test('after the stop nothing is resolved, reported or scheduled', async () => {
  const clock = createSimulatedClock()
  let answer: ((addresses: string[]) => void) | undefined
  const found = discovering([discoveringFarm({ dns })], {
    clock,
    resolve: () => new Promise((resolve) => (answer = resolve)),
  })
  await found.stop()
  answer?.(['10.0.0.1'])
  await clock.advance(120_000)
  expect([found.reported, found.problems, clock.pending()]).toEqual([[], [], 0])
})

test('a stop as soon as there are nodes leaves nothing to be waited for', async () => {
  const clock = createSimulatedClock()
  await new Promise<void>((resolve) => {
    const discovery = startDiscovery([discoveringFarm({ dns })], {
      clock,
      resolve: async () => ['10.0.0.1'],
      readTargets: async () => ({ candidates: [] }),
      readWebFarm: async () => ({ candidates: [] }),
      onFarms: () => void discovery.stop().then(resolve),
      onProblem: () => undefined,
      onFailure: () => undefined,
    })
  })
  expect(clock.pending()).toBe(0)
})

test('a listed node that is discovered too stays as it is listed', async () => {
  const listed = { role: 'node', name: 'web01', scheme: 'https', host: '10.0.0.1', port: 8080 } as const
  const definition = { farm: sampleFarm({ nodes: [listed] }), discover: { dns, maxNodes: 1000 } }
  await using found = discovering([definition], {
    clock: createSimulatedClock(),
    resolve: async () => ['10.0.0.1', '10.0.0.2'],
  })
  expect(await found.next()).toEqual(['web01 https://10.0.0.1:8080', '10.0.0.2 http://10.0.0.2:8080'])
  expect(found.problems).toEqual([
    'farm intranet: discover: 10.0.0.1:8080 is already node web01, so 10.0.0.1 is left out',
  ])
})

test('more nodes than max_nodes are not taken at all: the last ones stay, and it is told once', async () => {
  const clock = createSimulatedClock()
  let answer = ['10.0.0.1', '10.0.0.2']
  await using found = discovering([discoveringFarm({ dns, maxNodes: 2 })], {
    clock,
    resolve: async () => answer,
  })
  expect(await found.next()).toHaveLength(2)
  answer = ['10.0.0.3', '10.0.0.4', '10.0.0.5']
  await clock.advance(60_000)
  answer = ['10.0.0.6']
  await clock.advance(30_000)
  expect(await found.next()).toEqual(['10.0.0.6 http://10.0.0.6:8080'])
  expect(found.problems).toEqual([
    'farm intranet: discover: 3 nodes are found, and discover.max_nodes allows 2; raise it if so many are meant; keeping ' +
      'the last 2 nodes it gave',
  ])
})

test('more nodes than max_nodes of several sources together are not taken either', async () => {
  await using dir = await tempDir()
  const path = await dir.write('nodes.json', '[{ "targets": ["10.0.0.3", "10.0.0.4"] }]')
  const file = { folder: dir.path, pattern: path, site: sampleFarm().site, maxNodes: 3 }
  let answer = ['10.0.0.1', '10.0.0.2']
  const clock = createSimulatedClock()
  await using found = discovering([discoveringFarm({ dns, file, maxNodes: 3 })], {
    clock,
    resolve: async () => answer,
  })
  expect(await found.next()).toEqual([])
  expect(found.problems).toEqual([
    'farm intranet: discover: 4 nodes are found, and discover.max_nodes allows 3; raise it if so many are meant; keeping ' +
      'the last 0 nodes',
  ])
  answer = ['10.0.0.1']
  await clock.advance(30_000)
  expect(await found.next()).toHaveLength(3)
})

test('nodes whose names change without end are taken ten times max_nodes an hour', async () => {
  const clock = createSimulatedClock()
  let last = 0
  const resolve = async () => [`10.0.${Math.floor(++last / 200)}.${last % 200}`]
  const source = { ...dns, refreshMs: 1000 }
  await using found = discovering([discoveringFarm({ dns: source, maxNodes: 1 })], { clock, resolve })
  await clock.advance(0)
  for (let second = 0; second < 3600; second++) await clock.advance(1000)
  expect(found.reported.length).toBeGreaterThanOrEqual(19)
  expect(found.reported.length).toBeLessThanOrEqual(21)
  expect(found.problems[0]).toBe(
    'farm intranet: discover: more than 10 new nodes in an hour, 10 times max_nodes; raise it; keeping the last 1 nodes',
  )
})

test('of many remarks the first are told, and how many more there are', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `169.254.0.${index + 1}`)
  await using found = discovering([discoveringFarm({ dns })], { resolve: async () => names })
  expect(await found.next()).toEqual([])
  expect(found.problems.join()).toMatch(/^[^;]*169\.254\.0\.1:8080 is left out(.*; ){5,10}.* and 45 more$/)
})

test('the resolver of the system knows localhost', async () => {
  await using found = discovering([discoveringFarm({ dns: { ...dns, name: 'localhost' } })])
  const nodes = await found.next()
  expect(nodes.length).toBeGreaterThan(0)
  for (const node of nodes) expect(node).toMatch(/^(127\.0\.0\.1|::1) /)
})
