import { expect, test } from 'vitest'
import { hostNameOf, hostPort, siteHost, siteUrl } from '../../src/addresses/host_port.ts'

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

test.each([
  ['web01', 'web01'],
  ['WEB_01.intranet.', 'WEB_01.intranet.'],
  ['knoten1.bücher.example', 'knoten1.xn--bcher-kva.example'],
  ['Straße.example', 'xn--strae-oqa.example'],
  ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
  ['10.0.0.300', undefined],
  ['１０.0.0.300', undefined],
  ['a b', undefined],
  ['bü cher', undefined],
  ['', undefined],
])('%j names the host %s', (written, host) => {
  expect(hostNameOf(written)).toBe(host)
})
