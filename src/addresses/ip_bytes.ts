/** The bytes of IP addresses: an address has many spellings, and rules about addresses must hold for all of them. */

/** The 4 or 16 bytes of an address, without regard to a zone (`fe80::1%eth0`); undefined when it is none. */
export function ipBytes(ip: string): readonly number[] | undefined {
  const [address = ''] = ip.split('%', 1)
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address)
}

function ipv4Bytes(text: string): number[] | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.every((byte) => byte < 256) ? bytes : undefined
}

function ipv6Bytes(text: string): number[] | undefined {
  const [before = '', after, ...more] = withoutDots(text).split('::')
  if (more.length > 0) return undefined
  const [head, tail] = [groupBytes(before), groupBytes(after ?? '')]
  if (head === undefined || tail === undefined) return undefined
  const missing = 16 - head.length - tail.length
  // `::` stands for at least one group; without it all eight must be there.
  if (after === undefined ? missing !== 0 : missing < 2) return undefined
  return [...head, ...Array<number>(missing).fill(0), ...tail]
}

/** An IPv4 address at the end, written as the two groups that it stands for. */
function withoutDots(text: string): string {
  const [whole, start = '', dotted = ''] = /^(.*:)([\d.]+\.[\d.]+)$/.exec(text) ?? []
  const bytes = ipv4Bytes(dotted)
  if (whole === undefined || bytes === undefined) return text
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return `${start}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/** The bytes of groups between colons. */
function groupBytes(text: string): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}
