import { balancerName, type Check, type Farm, type Site, type Target } from '../../model/farm.ts'
import type { Discover, FarmDefinition } from '../config.ts'
import { usualPort } from '../schema/addresses_and_urls.ts'
import type { WrittenCheck } from '../schema/check_keys.ts'
import type { SettledFarm } from '../schema/farm_keys.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { buildCheck } from './build_check.ts'
import { buildCrosscheck } from './build_crosscheck.ts'
import { buildNodes, warnOfOffLimits } from './build_nodes.ts'
import { type Surroundings, warnOfAffinity, warnOfIdentity } from './check_conflicts.ts'

/** Replaces a URL that is wrong, so that the rest of its farm is still validated; never leaves this stage. */
const noSite: Site = { scheme: 'https', hostname: 'invalid', port: 443 }

/**
 * Builds a farm. When the reading has a problem with it, the result must not be used. Keys that map to one property are
 * described in `schema/farm_keys.ts`; here is what is made of several.
 */
export async function buildFarm(
  written: SettledFarm,
  path: Path,
  defaults: WrittenCheck | undefined,
  reading: Reading,
): Promise<FarmDefinition> {
  const { name = '', site = noSite, address, nodes: listed = [], discover, ...others } = written
  const { checks: writtenChecks, crosscheck: writtenCrosscheck, identity, ...plain } = others
  const { host, port = site.port } = address ?? { host: site.hostname }
  const balancer: Target = { role: 'balancer', name: balancerName, scheme: site.scheme, host, port }
  warnOfOffLimits(host, [...path, address === undefined ? 'url' : 'address'], reading)
  const nodes = buildNodes(listed, [...path, 'nodes'], site, reading)
  const { servedBy } = plain
  const nodeHeader = servedBy !== undefined && 'header' in servedBy ? servedBy.header : undefined
  warnOfIdentity(identity, [...path, 'identity'], nodeHeader, reading)
  for (const [index, check] of (writtenChecks ?? []).entries())
    warnOfIdentity(check?.identity, [...path, 'checks', index, 'identity'], nodeHeader, reading)
  const around = {
    targets: [balancer, ...nodes],
    discovers: discover !== undefined,
    ...(identity && { identity }),
  }
  const checks = await buildChecks(writtenChecks, [...path, 'checks'], defaults, around, reading)
  if (plain.affinity !== undefined) warnOfAffinity({ ...plain, checks }, [...path, 'affinity'], reading)
  const crosscheck = await buildCrosscheck(writtenCrosscheck, listed, path, checks, reading)
  return {
    farm: { ...plain, name, site, balancer, nodes, checks, ...(crosscheck !== undefined && { crosscheck }) },
    ...(discover !== undefined && { discover: completed(discover, site, reading) }),
  }
}

async function buildChecks(
  written: SettledFarm['checks'],
  path: Path,
  defaults: WrittenCheck | undefined,
  around: Surroundings,
  reading: Reading,
): Promise<Farm['checks']> {
  if (written === undefined) return [await buildCheck({ name: 'home' }, path, defaults, around, reading)]
  const built: Check[] = []
  for (const [index, check] of written.entries())
    if (check !== undefined) built.push(await buildCheck(check, [...path, index], defaults, around, reading))
  return built
}

/** Adds the farm's own site, which discovered nodes default to. */
function completed(
  { maxNodes, dns, file, iis }: NonNullable<SettledFarm['discover']>,
  site: Site,
  { folder }: Reading,
): Discover {
  const scheme = dns?.scheme ?? site.scheme
  return {
    maxNodes,
    ...(dns && { dns: { ...dns, scheme, port: dns.port ?? usualPort(site, scheme) } }),
    ...(file && { file: { ...file, folder, site, maxNodes } }),
    ...(iis && { iis }),
  }
}
