import type { Check, Crosscheck, CrosscheckException, Scheme } from '../../model/farm.ts'
import { formatDuration, parseDurationMs } from '../../runtime/duration.ts'
import { builtInCrosscheck as standard } from '../schema/built_in_defaults.ts'
import type { WrittenCrosscheck } from '../schema/crosscheck_schema.ts'
import type { WrittenFarm, WrittenNode } from '../schema/farm_schema.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { nameOf } from './build_nodes.ts'
import { standardCheck } from './check_layers.ts'
import { refuseHalfPair } from './conflicts.ts'
import { refuseRivals } from './exclusive_keys.ts'
import { readAuthorization, readTls, type Secured } from './inline_or_file_secrets.ts'

/** Where and how windows_exporter is read; `path` is that of the farm. When anything is wrong with it the reading knows. */
export async function buildCrosscheck(
  { crosscheck: written, nodes = [] }: WrittenFarm,
  path: Path,
  checks: readonly Check[],
  reading: Reading,
): Promise<Crosscheck | undefined> {
  if (written === undefined) {
    refuseExceptions(nodes, path, reading)
    return undefined
  }
  const own = [...path, 'crosscheck']
  const scheme: Scheme = written.scheme ?? standard.scheme
  const secured = securedOf(written, own, reading)
  const authorization = await readAuthorization(secured, reading)
  const crosscheck: Crosscheck = {
    scheme,
    port: written.port ?? standard.port,
    path: written.path ?? standard.path,
    pools: written.pool ?? [],
    intervalMs: written.interval ?? msOf(standard.interval),
    timeoutMs: written.timeout ?? msOf(standard.timeout),
    toleranceMs: written.tolerance ?? msOf(standard.tolerance),
    ...(authorization !== undefined && { authorization }),
    tls: await readTls(secured, reading),
    exceptions: nodes.flatMap(exceptionOf),
  }
  reportConflicts(crosscheck, own, secured, reading)
  if (!checks.some(({ targets }) => targets.includes('node')))
    reading.warn(
      own,
      'no check probes the nodes, so that there is nothing to compare with; give one targets: [nodes]',
    )
  return crosscheck
}

const msOf = (text: string) => parseDurationMs(text) ?? 0

function securedOf({ auth, tls }: WrittenCrosscheck, path: Path, reading: Reading): Secured {
  return {
    settled: { ...(auth !== undefined && { auth }), tls: { ...standardCheck.tls, ...tls } },
    where: (...keys) => [...path, ...keys],
    isWritten: (...keys) => reading.tree.has([...path, ...keys]),
  }
}

function reportConflicts(
  { scheme, intervalMs, timeoutMs }: Crosscheck,
  path: Path,
  secured: Secured,
  reading: Reading,
): void {
  refuseRivals(reading, path)
  refuseHalfPair(secured, reading)
  if (secured.isWritten('tls') && scheme === 'http')
    reading.problem([...path, 'tls'], 'tls settings with scheme http; write scheme: https, or leave them out')
  if (timeoutMs > intervalMs)
    reading.problem(
      [...path, secured.isWritten('timeout') ? 'timeout' : 'interval'],
      `a timeout of ${formatDuration(timeoutMs)} is longer than the interval of ${formatDuration(intervalMs)}; ` +
        'shorten it',
    )
}

/** An exception needs a rule. */
function refuseExceptions(nodes: readonly (WrittenNode | undefined)[], path: Path, reading: Reading): void {
  for (const index of nodes.keys()) {
    const at = [...path, 'nodes', index, 'crosscheck']
    if (reading.tree.has(at))
      reading.problem(at, "a node's cross-check without the farm's; give the farm crosscheck: { pool: … }")
  }
}

function exceptionOf(node: WrittenNode | undefined): CrosscheckException[] {
  const { crosscheck } = node ?? {}
  const name = nameOf(node)
  if (name === undefined || crosscheck === undefined) return []
  if (crosscheck === false) return [{ node: name, off: true }]
  const { address, pool: pools } = crosscheck
  return [{ node: name, off: false, ...address, ...(pools !== undefined && { pools }) }]
}
