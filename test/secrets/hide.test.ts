import { expect, test } from 'vitest'
import { hideInUrl, namesSecret } from '../../src/secrets/hide.ts'

test.each([
  ['http://me:p@a.example.org/x', 'http://<secret>@a.example.org/x'],
  ['http://me:p@ss@a.example.org/x', 'http://<secret>@a.example.org/x'],
  ['http://me:p/a#s?s@a.example.org/x', 'http://<secret>@a.example.org/x'],
  [
    'http://me:p@a.example.org/?mail=me@b.example.org',
    'http://<secret>@a.example.org/?mail=me@b.example.org',
  ],
  ['http://a.example.org:8080/@me', 'http://a.example.org:8080/@me'],
  ['http://[::1]:8080/?mail=me@a.example.org', 'http://[::1]:8080/?mail=me@a.example.org'],
  ['/login?token=abc&page=2', '/login?token=<secret>&page=2'],
  ['see http://a.example.org/?api_key=1#top', 'see http://a.example.org/?api_key=<secret>#top'],
  ['http://a.example.org/?q=token', 'http://a.example.org/?q=token'],
  ['me@example.org', 'me@example.org'],
])('%s is shown as %s', (text, shown) => {
  expect(hideInUrl(text)).toBe(shown)
})

test.each(['Authorization', 'X-Api-Key', 'Cookie', 'session_id', 'sig', 'PASSWORD'])(
  '%s names a secret',
  (name) => {
    expect(namesSecret(name)).toBe(true)
  },
)

test.each(['Accept', 'Host', 'page', 'X-Request-Id'])('%s names no secret', (name) => {
  expect(namesSecret(name)).toBe(false)
})
