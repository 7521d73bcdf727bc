import { expect, test } from 'vitest'
import { chooserOf } from '../../src/blackbox/run_module.ts'
import { failures } from '../../src/probe/failure.ts'
import { probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { startHttpServer } from '../support/servers/http_server.ts'

const four = (last: number) => ({ address: `10.0.0.${last}`, family: 4 })
const six = (last: number) => ({ address: `2001:db8::${last}`, family: 6 })

test.each([
  ['the first of the preferred family', 6, true, [four(1), six(1), six(2)], six(1)],
  ['the first of the preferred family', 4, false, [six(1), four(1), four(2)], four(1)],
  ['else the last of the other', 6, true, [four(1), four(2)], four(2)],
  [
    'else none, where there is no fallback',
    6,
    false,
    [four(1)],
    failures.noAddressOfFamily('a.example.org', 6),
  ],
  ['none, where there is none', 6, true, [], undefined],
] as const)('the address is %s', (_what, preferredFamily, familyFallback, addresses, chosen) => {
  expect(chooserOf({ preferredFamily, familyFallback })(addresses, 'a.example.org')).toEqual(chosen)
})

test('an address is its own, without a lookup', async () => {
  await using site = await startHttpServer((_, response) => void response.end())
  const probe = (fallback: boolean) =>
    probeOnDemand(`http://127.0.0.1:${site.port}/`, {
      http: { preferred_ip_protocol: 'ip6', ip_protocol_fallback: fallback },
      resolve: () => Promise.reject(new Error('nobody should ask')),
    })
  expect((await probe(true)).metrics).toMatchObject({ probe_success: 1, probe_ip_protocol: 4 })
  const { metrics, log } = await probe(false)
  expect(metrics).toMatchObject({ probe_success: 0, probe_ip_protocol: 0 })
  expect(log).toContain('127.0.0.1 has no IPv6 address, and ip_protocol_fallback is off.')
})

test('the log says why a name is not resolved', async () => {
  const { metrics, log } = await probeOnDemand('http://a.example.org/', {
    resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  })
  expect(metrics).toMatchObject({ probe_success: 0, probe_ip_protocol: 0 })
  expect(log).toContain('The name a.example.org was not resolved: ENOTFOUND.')
})
