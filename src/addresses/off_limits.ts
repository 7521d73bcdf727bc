/**
 * Addresses that are probed only when the operator wrote the very address into the configuration. Clouds serve the
 * credentials of a machine to any request from that machine, at fixed addresses; a name server, a discovery file or a
 * client of `/probe` that names one of them would make the prober fetch them.
 */
import { ipBytes } from './ip_bytes.ts'

interface Range {
  /** The bytes that the addresses have in common, and how many bits of them count. */
  readonly prefix: readonly number[]
  readonly bits: number
  readonly what: string
}

const range = (cidr: string, what: string): Range => {
  const [address = '', bits] = cidr.split('/')
  return { prefix: ipBytes(address) ?? [], bits: Number(bits), what }
}

/** As the clouds document them; `what` completes the clause "it is …". */
const ranges: readonly Range[] = [
  // Amazon, Azure, Google, Oracle, DigitalOcean, OpenStack and others: 169.254.169.254; tasks of ECS: 169.254.170.2.
  range('169.254.0.0/16', 'a link-local address, where clouds serve credentials'),
  range('fe80::/10', 'a link-local address, where clouds serve credentials'),
  range('100.100.100.200/32', "Alibaba Cloud's metadata service"),
  range('fd00:100::100:200/128', "Alibaba Cloud's metadata service"),
  // Health probes, DNS and the extensions' "wire server", with certificates and settings of the machine.
  range('168.63.129.16/32', "Azure's platform address (the wire server)"),
  range('192.0.0.192/32', "Oracle Cloud's metadata service"),
  // ::254 metadata, ::23 credentials of EKS pods, ::253 name server.
  range('fd00:ec2::/32', "one of Amazon's instance services"),
  range('fd20:ce::254/128', "Google Cloud's metadata service"),
  range('fd00:c1::a9fe:a9fe/128', "Oracle Cloud's metadata service"),
  range('fd00:42::42/128', "Scaleway's metadata service"),
  range('fd00:a9fe:a9fe::/48', "Akamai's metadata service (Linode)"),
  range('100.88.222.5/32', "Tencent Cloud's metadata service"),
  range('192.80.8.124/32', "Equinix Metal's metadata service"),
]

/** Addresses of one's own (RFC 4193). Several clouds write 169.254.169.254 into one for IPv6; the next may as well. */
const uniqueLocal = range('fc00::/7', "a private spelling of the clouds' metadata address")

const metadataBytes = [169, 254, 169, 254]

/**
 * What an IP address is when it is off limits, as a clause such as `a link-local address, …`; undefined when it may be
 * probed, and for what is no IP address. IPv6 addresses that embed an IPv4 address are judged by that one too, as a
 * translator on the way would send them there.
 */
export function offLimits(ip: string): string | undefined {
  const bytes = ipBytes(ip)
  if (bytes === undefined) return undefined
  for (const candidate of [bytes, ...embedded(bytes)])
    for (const { prefix, bits, what } of ranges) if (isWithin(candidate, prefix, bits)) return what
  return spellsMetadata(bytes) ? uniqueLocal.what : undefined
}

/** Whether an address of one's own has 169.254.169.254 in two of its groups, as `fd00:c1::a9fe:a9fe` has. */
function spellsMetadata(bytes: readonly number[]): boolean {
  if (!isWithin(bytes, uniqueLocal.prefix, uniqueLocal.bits)) return false
  return [2, 4, 6, 8, 10, 12].some((at) => metadataBytes.every((byte, index) => bytes[at + index] === byte))
}

function isWithin(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  if (bytes.length !== prefix.length) return false
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 255 : (255 << (8 - (bits - bit))) & 255
    if (((bytes[bit / 8] ?? 0) & mask) !== ((prefix[bit / 8] ?? 0) & mask)) return false
  }
  return true
}

type Offsets = readonly [number, number, number, number]

const inOrder = (at: number): Offsets => [at, at + 1, at + 2, at + 3]

/** Where the addresses of a prefix embed an IPv4 address. */
const embeddings: readonly { readonly range: Range; readonly at: readonly Offsets[] }[] = [
  // IPv4-mapped and the older IPv4-compatible (RFC 4291), IPv4-translated (RFC 2765).
  { range: range('::ffff:0:0/96', ''), at: [inOrder(12)] },
  { range: range('::/96', ''), at: [inOrder(12)] },
  { range: range('::ffff:0:0:0/96', ''), at: [inOrder(12)] },
  { range: range('64:ff9b::/96', ''), at: [inOrder(12)] },
  // NAT64 of one's own (RFC 8215): where the address stands depends on the length of the prefix used (RFC 6052), 48 to 96.
  {
    range: range('64:ff9b:1::/48', ''),
    at: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], inOrder(12)],
  },
  // 6to4 (RFC 3056).
  { range: range('2002::/16', ''), at: [inOrder(2)] },
  // Teredo (RFC 4380): its server; the client is written inverted, see below.
  { range: range('2001::/32', ''), at: [inOrder(4)] },
]

const teredo = range('2001::/32', '')

/** Every IPv4 address that an IPv6 address may embed. */
function embedded(bytes: readonly number[]): number[][] {
  if (bytes.length !== 16) return []
  const found = embeddings
    .filter(({ range: { prefix, bits } }) => isWithin(bytes, prefix, bits))
    .flatMap(({ at }) => at.map((offsets) => offsets.map((offset) => bytes[offset] ?? 0)))
  const last = bytes.slice(12)
  if (isWithin(bytes, teredo.prefix, teredo.bits)) found.push(last.map((byte) => byte ^ 255))
  // ISATAP (RFC 5214): in any prefix, after 0000:5efe or 0200:5efe.
  const [scope = 0, zero, high, low] = bytes.slice(8)
  if ((scope & ~2) === 0 && zero === 0 && high === 0x5e && low === 0xfe) found.push(last)
  return found
}
