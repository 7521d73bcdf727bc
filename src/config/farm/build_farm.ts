import type {
  Farm,
  IdentitySource,
  MaintenanceWindow,
  ServedBySource,
  Site,
  Target,
} from '../../model/farm.ts'
import { balancerName } from '../../model/farm.ts'
import type { Discover, FarmDefinition } from '../config.ts'
import { type Address, usualPort } from '../schema/addresses_and_urls.ts'
import { builtIn } from '../schema/built_in_defaults.ts'
import type { WrittenCheck } from '../schema/check_schema.ts'
import type { WrittenDiscover, WrittenFarm, WrittenWindow } from '../schema/farm_schema.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { buildCheck } from './build_check.ts'
import { buildCrosscheck } from './build_crosscheck.ts'
import { buildNodes, warnOfOffLimits } from './build_nodes.ts'
import { refuseSameNames } from './same_names.ts'

/** Stands in for a URL that was wrong, so that the rest of its farm is looked at; never leaves this stage. */
const noSite: Site = { scheme: 'https', hostname: 'invalid', port: 443 }

/** A farm as its file defines it. When anything was wrong with it the reading knows, and the farm is not to be used. */
export async function buildFarm(
  written: WrittenFarm,
  path: Path,
  defaults: WrittenCheck | undefined,
  reading: Reading,
): Promise<FarmDefinition> {
  const site = written.url ?? noSite
  const balancer = balancerOf(site, written.address)
  warnOfOffLimits(balancer.host, [...path, written.address === undefined ? 'url' : 'address'], reading)
  const nodes = buildNodes(written.nodes ?? [], [...path, 'nodes'], site, reading)
  const discover = buildDiscover(written.discover, [...path, 'discover'], site, reading)
  const around = { targets: [balancer, ...nodes], discovers: written.discover !== undefined }
  const [identity, servedBy] = [
    identitySource(written, path, reading),
    servedBySource(written, path, reading),
  ]
  const checks = await buildChecks(
    written,
    path,
    (check, at) => buildCheck(check, at, defaults, around, reading),
    reading,
  )
  const crosscheck = await buildCrosscheck(written, path, checks, reading)
  const farm: Farm = {
    name: written.name ?? '',
    site,
    balancer,
    nodes,
    checks,
    ...(identity !== undefined && { identity }),
    ...(servedBy !== undefined && { servedBy }),
    maintenance: (written.maintenance ?? []).flatMap(maintenanceWindow),
    ...(crosscheck !== undefined && { crosscheck }),
  }
  return { farm, ...(discover !== undefined && { discover }) }
}

function balancerOf(site: Site, address: Address | undefined): Target {
  const { host, port = site.port } = address ?? { host: site.hostname }
  return { role: 'balancer', name: balancerName, scheme: site.scheme, host, port }
}

async function buildChecks(
  { checks }: WrittenFarm,
  farmPath: Path,
  build: (written: WrittenCheck, path: Path) => Promise<Farm['checks'][number]>,
  reading: Reading,
): Promise<Farm['checks']> {
  const path = [...farmPath, 'checks']
  if (checks === undefined) return [await build({ name: 'home' } as WrittenCheck, path)]
  if (checks.length === 0)
    reading.problem(path, 'an empty list; write a check, or leave the key out to probe /')
  refuseSameNames(
    checks.map((check, index) => ({ name: check?.name, path: [...path, index] })),
    reading,
  )
  const built: Farm['checks'][number][] = []
  for (const [index, check] of checks.entries())
    if (check !== undefined) built.push(await build(check, [...path, index]))
  return built
}

function buildDiscover(
  written: WrittenDiscover | undefined,
  path: Path,
  site: Site,
  reading: Reading,
): Discover | undefined {
  if (written === undefined) return undefined
  if (reading.isEmpty(path)) reading.problem(path, 'empty; write dns, file or iis, or leave it out')
  const { dns, file, iis } = written
  const scheme = dns?.scheme ?? site.scheme
  return {
    ...(dns?.name !== undefined && {
      dns: {
        name: dns.name,
        refreshMs: dns.refresh ?? builtIn.dnsRefreshMs,
        scheme,
        port: dns.port ?? usualPort(site, scheme),
      },
    }),
    ...(file?.path !== undefined && {
      file: { folder: reading.folder, pattern: file.path, site },
    }),
    ...(iis?.path !== undefined &&
      iis.farm !== undefined && {
        iis: { file: reading.beside(iis.path), webFarm: iis.farm, scheme: iis.scheme },
      }),
  }
}

function identitySource(
  { identity }: WrittenFarm,
  farmPath: Path,
  reading: Reading,
): IdentitySource | undefined {
  if (identity === undefined) return undefined
  requireOne(['header', 'json', 'body'], [...farmPath, 'identity'], reading)
  const { header, json, body } = identity
  if (header !== undefined) return { header }
  if (json !== undefined) return { json }
  return body === undefined ? undefined : { body }
}

function servedBySource(
  { served_by: servedBy }: WrittenFarm,
  farmPath: Path,
  reading: Reading,
): ServedBySource | undefined {
  if (servedBy === undefined) return undefined
  requireOne(['header', 'cookie'], [...farmPath, 'served_by'], reading)
  const { header, cookie } = servedBy
  if (header !== undefined) return { header }
  return cookie === undefined ? undefined : { cookie }
}

function requireOne(keys: readonly string[], path: Path, reading: Reading): void {
  const given = keys.filter((key) => reading.tree.has([...path, key]))
  if (reading.isEmpty(path)) reading.problem(path, `empty; write one of ${keys.join(', ')}`)
  if (given.length > 1) reading.problem(path, `${given.join(' and ')} exclude each other; keep one`)
}

function maintenanceWindow(written: WrittenWindow | undefined): MaintenanceWindow[] {
  if (written?.cron === undefined || written.for === undefined) return []
  return [{ cron: written.cron, timezone: written.timezone ?? builtIn.timezone, durationMs: written.for }]
}
