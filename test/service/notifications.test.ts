import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { pageUrlOf } from '../../src/service/notifications.ts'

test.each([
  ['what the configuration says', { externalUrl: 'https://a.example/fp' }, 'https://a.example/fp/'],
  ['the address that it is served at', { host: '10.0.0.5' }, 'http://127.0.0.1:9502/'],
  ['this machine, where it is served on every address', {}, `http://${hostname().toLowerCase()}:9502/`],
])('links begin with %s', (_what, different, url) => {
  expect(pageUrlOf({ host: '0.0.0.0', port: 9502, ...different }, 'http://127.0.0.1:9502')).toBe(url)
})
