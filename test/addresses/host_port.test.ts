import { expect, test } from 'vitest'
import { hostPort, siteHost, siteUrl } from '../../src/addresses/host_port.ts'

test.each([
  ['10.0.0.1', '10.0.0.1:80'],
  ['::1', '[::1]:80'],
  ['web01', 'web01:80'],
])('the port 80 of %s is written %s', (host, written) => {
  expect(hostPort({ host, port: 80 })).toBe(written)
})

test.each([
  [{ scheme: 'https', hostname: 'a.example', port: 443 }, 'a.example'],
  [{ scheme: 'https', hostname: 'a.example', port: 80 }, 'a.example:80'],
  [{ scheme: 'http', hostname: 'a.example', port: 80 }, 'a.example'],
  [{ scheme: 'http', hostname: 'a.example', port: 8080 }, 'a.example:8080'],
  [{ scheme: 'http', hostname: '::1', port: 80 }, '[::1]'],
  [{ scheme: 'https', hostname: '[::1]', port: 8443 }, '[::1]:8443'],
] as const)('the Host of %j is %s', (site, host) => {
  expect(siteHost(site)).toBe(host)
  expect(siteUrl(site)).toBe(`${site.scheme}://${host}`)
})
