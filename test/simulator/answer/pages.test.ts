import { describe, expect, test } from 'vitest'
import { haproxy, nginx } from '../../../proof/truth/simulated/products.ts'
import { originOf } from '../../../src/origins/origin_of.ts'
import { pages } from '../../../src/simulator/answer/pages.ts'

describe('the pages of a simulated farm', () => {
  test.each([
    [pages.kernel_503, 326],
    [pages.iis_502, 1477],
    [haproxy.pages.broken, 107],
    [haproxy.pages.refused, 107],
    [haproxy.pages.timeout, 92],
    [pages.ancm_shutdown, 27],
  ])('$name has the %i bytes of the real one', ({ bytes, body }, real) => {
    expect(bytes).toBe(real)
    expect(Buffer.byteLength(body)).toBe(real)
  })

  test.each([
    [pages.kernel_503, 'iis-kernel'],
    [pages.iis_502, 'iis-gateway'],
    [pages.ancm_shutdown, 'ancm-inprocess'],
    [pages.app_offline, 'ancm-app-offline'],
    [nginx.pages.broken, 'nginx'],
    [nginx.pages.timeout, 'nginx'],
    [haproxy.pages.broken, 'haproxy'],
    [haproxy.pages.refused, 'haproxy'],
    [haproxy.pages.timeout, 'haproxy'],
  ])('$name is recognised', (page, origin) => {
    expect(originOf({ ...page, bodyStart: page.body })).toBe(origin)
  })
})
