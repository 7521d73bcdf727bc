import { describe, expect, test } from 'vitest'
import { originOf } from '../../../src/origins/origin_of.ts'
import { type PageName, pages } from '../../../src/simulator/answer/pages.ts'

describe('the pages of a simulated farm', () => {
  test.each([
    ['kernel_503', 326],
    ['iis_502', 1477],
    ['haproxy_502', 107],
    ['haproxy_503', 107],
    ['haproxy_504', 92],
    ['ancm_shutdown', 27],
  ] as const)('%s has the %i bytes of the real one', (name, bytes) => {
    expect(pages[name].bytes).toBe(bytes)
    expect(Buffer.byteLength(pages[name].body)).toBe(bytes)
  })

  test.each([
    ['kernel_503', 'iis-kernel'],
    ['iis_502', 'iis-gateway'],
    ['ancm_shutdown', 'ancm-inprocess'],
    ['app_offline', 'ancm-app-offline'],
    ['nginx_502', 'nginx'],
    ['nginx_504', 'nginx'],
    ['haproxy_502', 'haproxy'],
    ['haproxy_503', 'haproxy'],
    ['haproxy_504', 'haproxy'],
  ] as const satisfies readonly (readonly [PageName, string])[])(
    '%s is recognised as from %s',
    (name, origin) => {
      expect(originOf({ ...pages[name], bodyStart: pages[name].body })).toBe(origin)
    },
  )
})
