import { expect, test } from 'vitest'
import { nodeNames } from '../../../src/detect/attribution/served_node.ts'
import { sampleFarm, sampleNode } from '../../support/farms/sample_farm.ts'

const farm = sampleFarm({
  nodes: [
    sampleNode('web01', { host: '10.0.0.11', port: 8080 }),
    sampleNode('web02', { host: 'fd00::2', port: 443 }),
  ],
})

test.each([
  ['its name', 'web01', 'web01'],
  ['its name in capitals, as Windows writes it', 'WEB01', 'web01'],
  ['its address', '10.0.0.11', 'web01'],
  ['its address and port', '10.0.0.11:8080', 'web01'],
  ['the URL that Apache has for it', 'http://10.0.0.11:8080', 'web01'],
  ['an IPv6 address and port', '[FD00::2]:443', 'web02'],
  ['the last of several that were tried', '10.0.0.11:8080, [fd00::2]:443', 'web02'],
  ["the route in Apache's cookie", '.web01', 'web01'],
  ["the route behind Tomcat's session", 'A1B2C3.web02', 'web02'],
  ["HAProxy's cookie with dates", 'web01|aXbYc|aXbYd', 'web01'],
  ['a name that only ends like its own', 'xweb01', undefined],
  ['another port of its address', '10.0.0.11:9', undefined],
  ['nobody we know', 'web03', undefined],
  ['nothing', '', undefined],
])('a balancer names a node by %s', (_how, servedBy, node) => {
  expect(nodeNames(farm)(servedBy)).toBe(node)
})

test('an address without a port names no node where two share it', () => {
  const shared = sampleFarm({
    nodes: [
      sampleNode('web01', { host: '10.0.0.11', port: 8081 }),
      sampleNode('web02', { host: '10.0.0.11', port: 8082 }),
    ],
  })
  expect(nodeNames(shared)('10.0.0.11')).toBeUndefined()
  expect(nodeNames(shared)('10.0.0.11:8082')).toBe('web02')
})
