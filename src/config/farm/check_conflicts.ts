/** Settings of a check that are valid each and cannot work together; messages name both, with their values. */
import { type Check, type Farm, namesNodes, type Target } from '../../model/farm.ts'
import { formatDuration } from '../../runtime/duration.ts'
import { mostSearchedMiB, searchBudgetMs } from '../../runtime/search_budget.ts'
import type { SettledCheck } from '../schema/check_keys.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { refuseHalfPair } from './credentials.ts'
import type { Layered } from './layers.ts'

export interface Surroundings {
  readonly targets: readonly Target[]
  /** Discovery may add nodes, with other schemes. */
  readonly discovers: boolean
  /** Of the farm, for checks without their own. */
  readonly identity?: Check['identity']
}

type Conflict = (check: Layered<SettledCheck>, reading: Reading, around: Surroundings) => void

const scheduleConflict: Conflict = ({ settled, where, blame, isOwn }, reading) => {
  // A cron that cannot be read is a problem of its own.
  if (settled.cron !== undefined || isOwn('cron')) return
  if (isOwn('timezone'))
    reading.problem(
      where('timezone'),
      `timezone ${reading.show(where('timezone'))} without cron; give a cron, or leave the time zone out`,
    )
  if (settled.canary)
    reading.problem(
      blame(['canary'], ['interval']),
      `canary with an interval of ${formatDuration(settled.intervalMs ?? 0)}; give it a cron whose gaps are longer ` +
        'than the idle time-out, such as "0 */4 * * *"',
    )
}

const headConflict: Conflict = ({ settled, blame, isWritten }, reading) => {
  if (settled.method !== 'HEAD') return
  const settings = [
    ['expect', 'body', 'contains'],
    ['expect', 'body', 'match'],
    ['expect', 'body', 'min_bytes'],
    ['expect', 'warming'],
  ].filter((keys) => isWritten(...keys))
  for (const keys of settings)
    if (!keys.includes('min_bytes') || settled.expect.body.minBytes > 0)
      reading.problem(
        blame(keys, ['method']),
        `${keys.at(-1)} with method HEAD, whose answers have no body; write method: GET, or leave it out`,
      )
}

const bodySizeConflict: Conflict = ({ settled, where, blame, isWritten }, reading) => {
  const { minBytes, maxBytes } = settled.expect.body
  if (minBytes <= maxBytes) return
  const [minKeys, maxKeys] = [
    ['expect', 'body', 'min_bytes'],
    ['expect', 'body', 'max_bytes'],
  ] as const
  const most = isWritten(...maxKeys) ? reading.show(where(...maxKeys)) : '1MiB (the default)'
  reading.problem(
    blame(minKeys, maxKeys),
    `min_bytes ${reading.show(where(...minKeys))} is more than max_bytes ${most}; raise max_bytes`,
  )
}

const bodyTextConflict: Conflict = ({ settled, blame }, reading) => {
  const { contains, notContains } = settled.expect.body
  const refused = notContains.find((text) => contains.some((wanted) => wanted.includes(text)))
  if (refused === undefined) return
  reading.problem(
    blame(['expect', 'body', 'not_contains'], ['expect', 'body', 'contains']),
    'not_contains has what a text of contains holds, so that no body is right; leave one of them out',
  )
}

const durationConflict: Conflict = ({ settled, blame }, reading) => {
  const { expect, timeoutMs } = settled
  if (expect.durationMs === undefined || expect.durationMs < timeoutMs) return
  reading.problem(
    blame(['expect', 'duration'], ['timeout']),
    `an expected duration of ${formatDuration(expect.durationMs)} is no shorter than the timeout of ` +
      `${formatDuration(timeoutMs)}, which ends every probe; shorten it, or leave it out`,
  )
}

const burstConflict: Conflict = ({ settled, where, blame, isWritten }, reading) => {
  const { burst, intervalMs } = settled
  if (!isWritten('burst') || burst === false) return
  if (intervalMs !== undefined && burst.intervalMs >= intervalMs)
    reading.problem(
      blame(['burst', 'interval'], ['interval'], ['burst']),
      `a burst interval of ${formatDuration(burst.intervalMs)} is no shorter than the check's interval of ` +
        `${formatDuration(intervalMs)}; shorten it, or write burst: off`,
    )
  if (burst.forMs < burst.intervalMs)
    reading.problem(
      where('burst', 'for'),
      `a burst for ${formatDuration(burst.forMs)} is shorter than its interval of ${formatDuration(burst.intervalMs)}; ` +
        'lengthen it',
    )
}

const authorizationConflict: Conflict = ({ settled, blame }, reading) => {
  const header = settled.headers.find(([name]) => name.toLowerCase() === 'authorization')
  if (settled.auth === undefined || header === undefined) return
  reading.problem(
    blame(['headers', header[0]], ['auth']),
    'an Authorization header beside `auth`; keep one of them',
  )
}

const tlsConflict: Conflict = (check, reading, around) => {
  const { where, isOwn } = check
  if (isOwn('tls') && !around.discovers && around.targets.every(({ scheme }) => scheme === 'http'))
    reading.problem(
      where('tls'),
      'tls settings on a farm that uses http only; give it an https url or node, or leave them out',
    )
  refuseHalfPair(check, reading)
}

const overlapWarning: Conflict = ({ settled, where, isWritten }, reading) => {
  const { intervalMs, timeoutMs, overlap } = settled
  if (intervalMs === undefined || timeoutMs <= 2 * intervalMs * overlap) return
  const due = Math.ceil(timeoutMs / intervalMs)
  reading.warn(
    isWritten('timeout') ? where('timeout') : where('interval'),
    `a target that hangs for the timeout of ${formatDuration(timeoutMs)} has ${due} slots of ` +
      `${formatDuration(intervalMs)} in that time, of which overlap ${overlap} lets ${overlap} be probed; the others count ` +
      `as missed. overlap: ${due} would keep them all`,
  )
}

/** So much of a body all but the worst expressions search in time. */
const mostSearchedBytes = mostSearchedMiB * 2 ** 20

const searchWarning: Conflict = ({ settled, where }, reading) => {
  const { body, warming } = settled.expect
  const expressions = [...body.match, ...body.notMatch, ...(warming?.match ?? [])]
  if (expressions.length === 0 || body.maxBytes <= mostSearchedBytes) return
  reading.warn(
    where('expect', 'body', 'max_bytes'),
    `max_bytes ${reading.show(where('expect', 'body', 'max_bytes'))} with regular expressions: a search is given up after ` +
      `${searchBudgetMs('test', mostSearchedBytes)} ms of processor time, which longer bodies may take. Write contains instead, ` +
      `or max_bytes: ${mostSearchedMiB}MiB`,
  )
}

const targetsWarning: Conflict = ({ settled, where }, reading, around) => {
  const found = around.targets.some(({ role }) => settled.targets.includes(role))
  if (!found && !around.discovers)
    reading.warn(where('targets'), 'the farm has no node, so this check probes nothing; list its nodes')
}

/** Headers that are the same from every worker, and others that are different in every answer. */
const constant = /^(server|via|x-powered-by|x-aspnet-version|x-aspnetmvc-version|x-generator)$/i
const changing = /^(age|date|request-id|traceparent|x-(amzn-)?(request|trace|correlation)-id|x-runtime)$/i

/** Warns of a header that cannot identify a worker. */
export function warnOfIdentity(
  source: Check['identity'],
  path: Path,
  servedBy: string | undefined,
  reading: Reading,
): void {
  if (typeof source !== 'object' || !('header' in source)) return
  const { header } = source
  const isNode = header.toLowerCase() === servedBy?.toLowerCase()
  const why = isNode
    ? 'names the node, as served_by says, and not its worker'
    : constant.test(header)
      ? 'is the same from every worker'
      : 'is different in every answer'
  if (isNode || constant.test(header) || changing.test(header))
    reading.warn(
      path,
      `${header} ${why}, so it shows no recycle; let the application send one of its own (docs/identity.md)`,
    )
}

/** Warns of an affinity that leads to no node, or to nobody knows which. */
export function warnOfAffinity(farm: Pick<Farm, 'servedBy' | 'checks'>, path: Path, reading: Reading): void {
  if (!farm.checks.some(({ targets, canary }) => targets.includes('balancer') && !canary))
    reading.warn(path, 'affinity without a check that asks the balancer, so nothing is probed by it')
  else if (!namesNodes(farm))
    reading.warn(
      path,
      'nothing in the answers says which node a cookie leads to, so the nodes behind the cookies are only numbered; add ' +
        'served_by (a header, or the cookie itself where its values are the names of the nodes, which those of ARR are not), or ' +
        'identity (a header, not auto)',
    )
}

const conflicts: readonly Conflict[] = [
  scheduleConflict,
  headConflict,
  bodySizeConflict,
  bodyTextConflict,
  durationConflict,
  burstConflict,
  authorizationConflict,
  tlsConflict,
  overlapWarning,
  searchWarning,
  targetsWarning,
]

/** Reports all settings of a check that cannot work together, or hardly should. */
export function reportConflicts(check: Layered<SettledCheck>, reading: Reading, around: Surroundings): void {
  for (const conflict of conflicts) conflict(check, reading, around)
}
