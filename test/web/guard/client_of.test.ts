import { expect, test } from 'vitest'
import { clientOf } from '../../../src/web/guard/client_of.ts'

test.each([
  ['10.0.0.9', '10.0.0.9'],
  ['::ffff:10.0.0.9', '10.0.0.9'],
  ['2001:db8:0:1::1', '32.1.13.184.0.0.0.1/64'],
  ['2001:db8:0:1:ffff:ffff:ffff:ffff', '32.1.13.184.0.0.0.1/64'],
  ['2001:db8:0:2::1', '32.1.13.184.0.0.0.2/64'],
  ['fe80::1%eth0', '254.128.0.0.0.0.0.0/64'],
  ['::1', '0.0.0.0.0.0.0.0/64'],
  [undefined, ''],
])('%s is client %s', (address, client) => {
  expect(clientOf(address)).toBe(client)
})
