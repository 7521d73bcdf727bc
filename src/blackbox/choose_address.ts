import { isIP } from 'node:net'
import type { Address, Resolve } from '../probe/connect/resolve.ts'
import type { HttpModule } from './module/module.ts'

/**
 * The one address that is tried: the first of the preferred family, else, where that is allowed, the last of the
 * other, as the exporter has it. Otherwise why there is none.
 */
export async function chooseAddress(
  host: string,
  { preferredFamily, familyFallback }: Pick<HttpModule, 'preferredFamily' | 'familyFallback'>,
  resolve: Resolve,
): Promise<Address | string> {
  const addresses = await addressesOf(host, resolve)
  if (typeof addresses === 'string') return addresses
  const preferred = addresses.find(({ family }) => family === preferredFamily)
  const fallback = familyFallback ? addresses.at(-1) : undefined
  return (
    preferred ?? fallback ?? `${host} has no IPv${preferredFamily} address, and ip_protocol_fallback is off`
  )
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly Address[] | string> {
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  try {
    const addresses = await resolve(host)
    return addresses.length === 0 ? `${host} has no address` : addresses
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return `${host} was not resolved: ${code ?? message}`
  }
}
