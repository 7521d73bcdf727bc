import { isIP } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipBytes } from '../../src/addresses/ip_bytes.ts'
import { offLimits } from '../../src/addresses/off_limits.ts'

const linkLocal = 'a link-local address, where clouds serve credentials'

describe('off limits is', () => {
  test.each([
    ['169.254.169.254', linkLocal],
    ['169.254.170.2', linkLocal],
    ['169.254.0.0', linkLocal],
    ['169.254.255.255', linkLocal],
    ['fe80::1', linkLocal],
    ['fe80::a9fe:a9fe%eth0', linkLocal],
    ['febf:ffff::', linkLocal],
    ['100.100.100.200', "Alibaba Cloud's metadata service"],
    ['168.63.129.16', "Azure's platform address (the wire server)"],
    ['192.0.0.192', "Oracle Cloud's metadata service"],
    ['fd00:ec2::254', "one of Amazon's instance services"],
    ['fd00:0ec2:0:0:0:0:0:23', "one of Amazon's instance services"],
    ['FD20:CE::254', "Google Cloud's metadata service"],
    ['fd00:c1::a9fe:a9fe', "Oracle Cloud's metadata service"],
    ['fd00:42::42', "Scaleway's metadata service"],
    ['fd00:a9fe:a9fe::1', "Akamai's metadata service (Linode)"],
    ['fd00:100::100:200', "Alibaba Cloud's metadata service"],
    ['100.88.222.5', "Tencent Cloud's metadata service"],
    ['192.80.8.124', "Equinix Metal's metadata service"],
    ['fd12:3456::a9fe:a9fe', "a private spelling of the clouds' metadata address"],
    ['fc00:a9fe:a9fe::5', "a private spelling of the clouds' metadata address"],
  ])('%s', (ip, what) => {
    expect(offLimits(ip)).toBe(what)
  })
})

describe('the metadata address is found in an IPv6 address', () => {
  test.each([
    ['mapped', '::ffff:169.254.169.254'],
    ['mapped, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['mapped, written out', '0:0:0:0:0:FFFF:A9FE:A9FE'],
    ['compatible', '::169.254.169.254'],
    ['translated', '::ffff:0:169.254.169.254'],
    ['NAT64', '64:ff9b::a9fe:a9fe'],
    ['NAT64 of 48 bits', '64:ff9b:1:a9fe:a9:fe00::'],
    ['NAT64 of 56 bits', '64:ff9b:1:ffa9:fe:a9fe::'],
    ['NAT64 of 64 bits', '64:ff9b:1:abcd:a9:fea9:fe00:0'],
    ['NAT64 of 96 bits', '64:ff9b:1:abcd::a9fe:a9fe'],
    ['6to4', '2002:a9fe:a9fe::1'],
    ['the server of Teredo', '2001:0:a9fe:a9fe::1'],
    ['the client of Teredo', '2001:0:4136:e378:8000:63bf:5601:5601'],
    ['ISATAP', '2001:db8::5efe:169.254.169.254'],
    ['ISATAP with a global address', '2001:db8::200:5efe:169.254.169.254'],
  ])('%s', (_form, ip) => {
    expect(offLimits(ip)).toBe(linkLocal)
  })
})

describe('may be probed', () => {
  test.each([
    '10.0.0.11',
    '127.0.0.1',
    '0.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '100.100.100.199',
    '168.63.129.17',
    '::1',
    '::',
    'fec0::1',
    'fe7f::1',
    'fd00:ec3::254',
    'fd00:a9fe::1',
    'fd00:a9:fea9:fe00::1',
    'fd20:ce::253',
    '2001:db8::a9fe:a9fe',
    '2001:db8::5eff:169.254.169.254',
    '::ffff:10.0.0.11',
  ])('%s', (ip) => {
    expect(offLimits(ip)).toBeUndefined()
  })

  test.each([
    'metadata.google.internal',
    '169.254.169',
    '169.254.169.254.',
    '2852039166',
    '',
    'fe80::1::2',
    'fe80',
  ])('what is no address, such as "%s": it has to be resolved first', (text) => {
    expect([offLimits(text), ipBytes(text)]).toEqual([undefined, undefined])
  })
})

test('whatever Node takes for an address is read, and nothing else', () => {
  const anything = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom('0', '1', '2', '9', 'a', 'b', 'f', ':', '.') }),
    fc
      .array(fc.constantFrom('::', ':', '0', '1', 'ffff', '10000', '1.2.3.4', '01.2.3.4', '256.1.1.1'), {
        maxLength: 12,
      })
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(anything, (text) => {
      expect([text, ipBytes(text)?.length ?? 0]).toEqual([text, [0, 0, 0, 0, 4, 0, 16][isIP(text)]])
    }),
    { numRuns: 5000 },
  )
})
