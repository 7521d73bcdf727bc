import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Candidate, nameNodes } from '../../../src/config/farm/node_names.ts'
import { sampleNode } from '../../support/farms/sample_farm.ts'

const candidate = (name: string, host: string, port = 443): Candidate => ({
  name,
  scheme: 'https',
  host,
  port,
})

test('an address is one node, however often it is found', () => {
  const { nodes, remarks } = nameNodes(
    [sampleNode('web01', { host: '10.0.0.1' })],
    [candidate('10.0.0.1', '10.0.0.1'), candidate('a', '10.0.0.2'), candidate('a', '10.0.0.2')],
  )
  expect(nodes.map(({ name }) => name)).toEqual(['web01', 'a'])
  expect(remarks).toEqual(['10.0.0.1:443 is already node web01, so 10.0.0.1 is left out'])
})

test('two names that their source chose for one address are two nodes, and told', () => {
  const chosen = (name: string, host: string) => ({ ...candidate(name, host), isChosen: true as const })
  const { nodes, remarks } = nameNodes(
    [sampleNode('web01', { host: '10.0.0.1' })],
    [
      candidate('10.0.0.2', '10.0.0.2'),
      chosen('a', '10.0.0.1'),
      chosen('b', '10.0.0.2'),
      chosen('c', '10.0.0.3'),
      chosen('d', '10.0.0.3'),
      chosen('c', '10.0.0.3'),
    ],
  )
  expect(nodes.map(({ name, host }) => `${name} ${host}`)).toEqual([
    'web01 10.0.0.1',
    '10.0.0.2 10.0.0.2',
    'c 10.0.0.3',
    'd 10.0.0.3',
  ])
  expect(remarks).toEqual([
    '10.0.0.1:443 is already node web01, so a is left out',
    '10.0.0.2:443 is already node 10.0.0.2, so b is left out',
    '10.0.0.3:443 is node d and node c: both names stand for one server',
  ])
})

test('a name that is taken or reserved gives way to the address', () => {
  const { nodes, remarks } = nameNodes(
    [sampleNode('web01', { host: '10.0.0.1' }), sampleNode('[::1]:443', { host: '10.0.0.2' })],
    [candidate('web01', '10.0.0.3'), candidate('balancer', '10.0.0.4'), candidate('web01', '::1')],
  )
  expect(nodes.map(({ name }) => name)).toEqual([
    'web01',
    '[::1]:443',
    '10.0.0.3:443',
    '10.0.0.4:443',
    '[::1]:443-2',
  ])
  expect(remarks[0]).toBe('the name web01 is taken, so 10.0.0.3:443 is called 10.0.0.3:443')
})

test('names and addresses are unique whatever is found, and the same each time', () => {
  const some = fc.record({
    name: fc.constantFrom('a', 'b', 'other', '10.0.0.1:80', '10.0.0.1:80-2'),
    host: fc.constantFrom('10.0.0.1', '10.0.0.2', '::1'),
    port: fc.constantFrom(80, 81),
  })
  fc.assert(
    fc.property(fc.array(some, { maxLength: 12 }), (found) => {
      const candidates = found.map(({ name, host, port }) => candidate(name, host, port))
      const { nodes } = nameNodes([], candidates)
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length)
      expect(new Set(found.map(({ host, port }) => `${host} ${port}`)).size).toBe(nodes.length)
      expect(nameNodes([], candidates)).toEqual(nameNodes([], candidates))
    }),
  )
})

test('an address that is off limits is a node only when it is listed', () => {
  const listed = sampleNode('gateway', { host: '169.254.10.1' })
  const { nodes, remarks } = nameNodes(
    [listed],
    [
      candidate('web01', '169.254.169.254'),
      candidate('web02', '::ffff:169.254.169.254', 80),
      candidate('gateway', '169.254.10.1'),
      candidate('web03', '10.0.0.3'),
    ],
  )
  expect(nodes.map(({ name, host }) => `${name} ${host}`)).toEqual(['gateway 169.254.10.1', 'web03 10.0.0.3'])
  const why =
    'it is a link-local address, where clouds serve credentials; list it under nodes if it is to be probed'
  expect(remarks).toEqual([
    `169.254.169.254:443 is left out: ${why}`,
    `[::ffff:169.254.169.254]:80 is left out: ${why}`,
  ])
})
