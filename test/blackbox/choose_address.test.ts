import { expect, test } from 'vitest'
import { chooseAddress } from '../../src/blackbox/choose_address.ts'

const four = (last: number) => ({ address: `10.0.0.${last}`, family: 4 })
const six = (last: number) => ({ address: `2001:db8::${last}`, family: 6 })

const unasked = () => Promise.reject(new Error('nobody should ask'))
const failing = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))

test.each([
  ['the first of the preferred family', 6, true, [four(1), six(1), six(2)], six(1)],
  ['the first of the preferred family', 4, false, [six(1), four(1), four(2)], four(1)],
  ['else the last of the other', 6, true, [four(1), four(2)], four(2)],
  [
    'else none, where there is no fallback',
    6,
    false,
    [four(1)],
    'a.example.org has no IPv6 address, and ip_protocol_fallback is off',
  ],
  ['none, where there is none', 6, true, [], 'a.example.org has no address'],
] as const)('%s', async (_what, preferredFamily, familyFallback, addresses, chosen) => {
  const rules = { preferredFamily, familyFallback }
  expect(await chooseAddress('a.example.org', rules, async () => addresses)).toEqual(chosen)
})

test('an address is its own, without a look-up', async () => {
  const rules = { preferredFamily: 6, familyFallback: true } as const
  expect(await chooseAddress('10.0.0.1', rules, unasked)).toEqual(four(1))
  expect(await chooseAddress('2001:db8::1', { ...rules, preferredFamily: 4 }, unasked)).toEqual(six(1))
})

test('a name that is not resolved says why', async () => {
  expect(await chooseAddress('a.example.org', { preferredFamily: 6, familyFallback: true }, failing)).toBe(
    'a.example.org was not resolved: ENOTFOUND',
  )
})
