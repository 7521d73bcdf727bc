import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AllowedTargets,
  destinationOf,
  mayProbe,
  parseTargetPattern,
  placesOf,
} from '../../src/addresses/allowed_target.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'

function allowing(...written: string[]): AllowedTargets {
  const patterns = written.map((each) => {
    const parsed = parseTargetPattern(each)
    if (typeof parsed === 'string') throw new Error(`${each}: ${parsed}`)
    return parsed
  })
  return { patterns, places: new Map() }
}

function may(url: string, allowed: AllowedTargets): boolean {
  const destination = destinationOf(new URL(url))
  return destination !== undefined && mayProbe(destination, allowed)
}

describe('a pattern lets in', () => {
  test.each([
    ['web01.example.org', 'http://web01.example.org/'],
    ['web01.example.org', 'https://WEB01.example.org.:8443/any?thing'],
    ['Web01.Example.org.', 'http://web01.example.org/'],
    ['*.example.org', 'http://a.b.example.org/'],
    ['web*.example.org', 'http://web42.example.org/'],
    ['*', 'http://anything.example.net:99/'],
    ['web01:8080', 'http://web01:8080/'],
    ['bücher.example', 'http://bücher.example/'],
    ['*.BÜCHER.example', 'http://knoten1.xn--bcher-kva.example/'],
    ['https://bücher.example/app/', 'https://bücher.example/app/x'],
    ['10.0.0.5', 'http://10.0.0.5:81/'],
    ['10.0.0.5', 'http://0x0a.0.0.5/'],
    ['10.0.0.*', 'http://10.0.0.77/'],
    ['[2001:db8::1]:8080', 'http://[2001:db8::1]:8080/'],
    ['2001:db8::1', 'http://[2001:0db8::1]/'],
    ['https://intranet.example.org', 'https://intranet.example.org/any'],
    ['https://intranet.example.org/app/', 'https://intranet.example.org/app/x?y'],
    ['https://intranet.example.org/app', 'https://intranet.example.org/app'],
    ['https://intranet.example.org/app', 'https://intranet.example.org/app/x'],
    ['http://*.example.org:8080/', 'http://a.example.org:8080/x'],
  ])('%s: %s', (pattern, url) => {
    expect(may(url, allowing(pattern))).toBe(true)
  })
})

describe('a pattern keeps out', () => {
  test.each([
    ['example.org', 'http://example.org.evil.net/'],
    ['example.org', 'http://www.example.org/'],
    ['*.example.org', 'http://example.org/'],
    ['*.example.org', 'http://evilexample.org/'],
    ['web01:8080', 'http://web01/'],
    ['web01:8080', 'http://web01:80800@evil.net/'],
    ['10.0.0.*', 'http://10.0.0.evil.net/'],
    ['https://intranet.example.org', 'http://intranet.example.org/'],
    ['https://intranet.example.org', 'https://intranet.example.org:8443/'],
    ['https://intranet.example.org/app', 'https://intranet.example.org/apple'],
    ['https://intranet.example.org/app/', 'https://intranet.example.org/app/../admin'],
    ['https://intranet.example.org/app/', 'https://intranet.example.org/app/%2e%2e/admin'],
    ['https://intranet.example.org/app/', 'https://intranet.example.org/app'],
    ['intranet.example.org', 'http://intranet.example.org@evil.net/'],
    ['intranet.example.org', 'http://evil.net/?intranet.example.org'],
    ['*', 'ftp://anything/'],
    ['*', 'file:///etc/passwd'],
  ])('%s: %s', (pattern, url) => {
    expect(may(url, allowing(pattern))).toBe(false)
  })
})

describe('metadata services', () => {
  const metadata = 'http://169.254.169.254/latest/meta-data/'

  test('are allowed only by their very address', () => {
    expect(may(metadata, allowing('*'))).toBe(false)
    expect(may(metadata, allowing('169.254.*'))).toBe(false)
    expect(may('http://[::ffff:169.254.169.254]/', allowing('*'))).toBe(false)
    expect(may('http://2852039166/', allowing('*'))).toBe(false)
    expect(may(metadata, allowing('169.254.169.254'))).toBe(true)
  })
})

test.each([
  ['', 'not a host, an address or a URL'],
  ['a b', 'not a host, an address or a URL'],
  ['ftp://a/', 'not a host, an address or a URL'],
  ['a/b', 'a path without a scheme'],
  ['http://a/?q', 'not a host, an address or a URL'],
  ['http://user@a/', 'not a host, an address or a URL'],
  ['a:0', 'a port that is not from 1 to 65535'],
  ['a:', 'a port that is not from 1 to 65535'],
  ['a:65536', 'a port that is not from 1 to 65535'],
  ['[not:an:address]', 'not a host, an address or a URL'],
  ['bü%cher.example', 'not a host, an address or a URL'],
])('no pattern: "%s": %s', (written, problem) => {
  expect(parseTargetPattern(written)).toBe(problem)
})

test("farms' hosts are allowed with the ports that they are probed on, and the standard ones", () => {
  const farm = {
    ...sampleFarm(),
    site: { scheme: 'https' as const, hostname: 'Shop.example.org', port: 8443 },
    balancer: {
      role: 'balancer' as const,
      name: 'balancer',
      scheme: 'https' as const,
      host: '10.0.0.5',
      port: 443,
    },
    nodes: [{ role: 'node' as const, name: 'web01', scheme: 'http' as const, host: '10.0.0.11', port: 8080 }],
  }
  const allowed = { patterns: [], places: placesOf([farm]) }
  const urls = [
    'https://shop.example.org:8443/',
    'http://shop.example.org/',
    'https://10.0.0.5/',
    'http://10.0.0.11:8080/x',
    'http://10.0.0.11/',
  ]
  expect(urls.filter((url) => may(url, allowed))).toEqual(urls)
  expect(may('http://10.0.0.11:22/', allowed)).toBe(false)
  expect(may('http://10.0.0.12/', allowed)).toBe(false)
})

test('a pattern of many stars takes no longer than a glance', () => {
  const pattern = `${'*a'.repeat(200)}*b`
  const startMs = performance.now()
  expect(may(`http://${'a'.repeat(60)}.${'a'.repeat(60)}/`, allowing(pattern))).toBe(false)
  expect(performance.now() - startMs).toBeLessThan(200)
})

test('any text is a pattern or has a problem', () => {
  const texts = fc.string({
    unit: fc.constantFrom('a', '*', '.', ':', '/', '[', ']', '1', '@', 'http://', '::'),
  })
  const { counterexample } = fc.check(
    fc.property(texts, (text) => {
      const parsed = parseTargetPattern(text)
      if (typeof parsed === 'string') return parsed !== ''
      const { host, port = 1 } = parsed
      return host !== '' && port > 0 && typeof may('http://a1.example.org/p', allowing(text)) === 'boolean'
    }),
    { numRuns: 3000 },
  )
  expect(counterexample).toBeNull()
})
