import { expect, test } from 'vitest'
import { namesIn } from '../../../src/web/guard/client_certificate.ts'

test('names of every kind are read, and addresses in any spelling are the same', () => {
  const names = namesIn(
    'DNS:prom.example.org, IP Address:10.0.0.9, IP Address:0:0:0:0:0:0:0:1, email:ops@example.org, URI:spiffe://a/b',
  )
  expect([...names]).toEqual([
    'prom.example.org',
    '\x0010.0.0.9',
    `\0${[...Array<number>(15).fill(0), 1].join('.')}`,
    'ops@example.org',
    'spiffe://a/b',
  ])
})

test('a name that holds a comma does not pass for two', () => {
  const names = namesIn('DNS:"evil.example, DNS:prometheus.example.org", URI:"http://a/\\", DNS:b"')
  expect([...names]).toEqual(['evil.example, DNS:prometheus.example.org', 'http://a/", DNS:b'])
})

test('names of other kinds are none', () => {
  expect([...namesIn('DirName:CN=DNS:a, othername:<unsupported>, Registered ID:1.2.3')]).toEqual([])
  expect([...namesIn('')]).toEqual([])
})
