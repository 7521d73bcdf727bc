import { ipBytes } from '../../addresses/ip_bytes.ts'

/**
 * Whom an address stands for, as far as limits go: an IPv4 address for itself, in whichever spelling, and an IPv6 address
 * for its /64, of which whoever has one address has all.
 */
export function clientOf(address: string | undefined): string {
  const bytes = ipBytes(address ?? '')
  if (bytes === undefined || bytes.length === 4) return address ?? ''
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return isMapped ? bytes.slice(12).join('.') : `${bytes.slice(0, 8).join('.')}/64`
}
