import type { Check, Crosscheck, CrosscheckException } from '../../model/farm.ts'
import { formatDuration } from '../../runtime/duration.ts'
import type { SettledCrosscheck } from '../schema/crosscheck_keys.ts'
import { nodeName, type WrittenNode } from '../schema/farm_keys.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { readAuthorization, readTls, refuseHalfPair } from './credentials.ts'
import { whereWritten } from './layers.ts'

type WrittenNodes = readonly (WrittenNode | undefined)[]

/** Builds a farm's cross-check. When the reading has a problem with it, the result must not be used. */
export async function buildCrosscheck(
  settled: SettledCrosscheck | undefined,
  nodes: WrittenNodes,
  farmPath: Path,
  checks: readonly Check[],
  reading: Reading,
): Promise<Crosscheck | undefined> {
  const path = [...farmPath, 'crosscheck']
  if (!reading.tree.has(path)) refuseExceptions(nodes, farmPath, reading)
  if (settled === undefined) return undefined
  const secured = { settled, ...whereWritten(path, reading.tree) }
  refuseConflicts(settled, path, reading)
  refuseHalfPair(secured, reading)
  if (!checks.some(({ targets }) => targets.includes('node')))
    reading.warn(
      path,
      'no check probes the nodes, so that there is nothing to compare with; give one targets: [nodes]',
    )
  const { auth: _auth, ...plain } = settled
  const authorization = await readAuthorization(secured, reading)
  return {
    ...plain,
    ...(authorization !== undefined && { authorization }),
    tls: await readTls(secured, reading),
    exceptions: nodes.flatMap(exceptionOf),
  }
}

function refuseConflicts({ scheme, intervalMs, timeoutMs }: SettledCrosscheck, path: Path, reading: Reading) {
  if (scheme === 'http' && reading.tree.has([...path, 'tls']))
    reading.problem([...path, 'tls'], 'tls settings with scheme http; write scheme: https, or leave them out')
  if (timeoutMs > intervalMs)
    reading.problem(
      [...path, reading.tree.has([...path, 'timeout']) ? 'timeout' : 'interval'],
      `a timeout of ${formatDuration(timeoutMs)} is longer than the interval of ${formatDuration(intervalMs)}; ` +
        'shorten it',
    )
}

/** A node's cross-check makes no sense without the farm's. */
function refuseExceptions(nodes: WrittenNodes, farmPath: Path, reading: Reading): void {
  for (const index of nodes.keys()) {
    const at = [...farmPath, 'nodes', index, 'crosscheck']
    if (reading.tree.has(at))
      reading.problem(at, "a node's cross-check without the farm's; give the farm crosscheck: { pool: … }")
  }
}

function exceptionOf(written: WrittenNode = {}): CrosscheckException[] {
  const { crosscheck } = written
  const node = nodeName(written)
  if (node === undefined || crosscheck === undefined) return []
  if (crosscheck === false) return [{ node, off: true }]
  const { address, ...plain } = crosscheck
  return [{ node, off: false, ...address, ...plain }]
}
