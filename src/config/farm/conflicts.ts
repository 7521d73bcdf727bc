/** Settings of a check that are each right and cannot work together; both are named, with their values. */
import type { Target } from '../../model/farm.ts'
import { formatDuration } from '../../runtime/duration.ts'
import type { Reading } from '../yaml/reading.ts'
import { type LayeredCheck, standardCheck } from './check_layers.ts'
import { refuseRivals } from './exclusive_keys.ts'
import type { Secured } from './inline_or_file_secrets.ts'

/** What a check is checked against: where its requests go. */
export interface Surroundings {
  readonly targets: readonly Target[]
  /** Nodes, or schemes, may be added by discovery. */
  readonly discovers: boolean
}

type Conflict = (check: LayeredCheck, reading: Reading, around: Surroundings) => void

const scheduleConflict: Conflict = ({ settled, where, blame, isOwn }, reading) => {
  if (settled.cron !== undefined) return
  if (isOwn('timezone'))
    reading.problem(
      where('timezone'),
      `timezone ${reading.show(where('timezone'))} without cron; give a cron, or leave the time zone out`,
    )
  if (settled.canary)
    reading.problem(
      blame(['canary'], ['interval']),
      `canary with an interval of ${formatDuration(settled.interval ?? 0)}; give it a cron whose gaps are longer ` +
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
    if (!keys.includes('min_bytes') || (settled.expect.body?.min_bytes ?? 0) > 0)
      reading.problem(
        blame(keys, ['method']),
        `${keys.at(-1)} with method HEAD, whose answers have no body; write method: GET, or leave it out`,
      )
}

const bodySizeConflict: Conflict = ({ settled, where, blame, isWritten }, reading) => {
  const { min_bytes: min = 0, max_bytes: max = 0 } = settled.expect.body ?? {}
  if (min <= max) return
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

const burstConflict: Conflict = ({ settled, where, blame, isWritten }, reading) => {
  if (!isWritten('burst') || settled.burst === undefined || settled.burst === false) return
  const standard = standardCheck.burst === false ? undefined : standardCheck.burst
  const { interval = standard?.interval ?? 0, for: forMs = standard?.for ?? 0 } = settled.burst
  if (settled.interval !== undefined && interval >= settled.interval)
    reading.problem(
      blame(['burst', 'interval'], ['interval'], ['burst']),
      `a burst interval of ${formatDuration(interval)} is no shorter than the check's interval of ` +
        `${formatDuration(settled.interval)}; shorten it, or write burst: off`,
    )
  if (forMs < interval)
    reading.problem(
      where('burst', 'for'),
      `a burst for ${formatDuration(forMs)} is shorter than its interval of ${formatDuration(interval)}; ` +
        'lengthen it',
    )
}

const authorizationConflict: Conflict = ({ settled, blame }, reading) => {
  if (settled.auth === undefined || settled.headers?.has('authorization') !== true) return
  const [name] = settled.headers.get('authorization') ?? ['Authorization']
  reading.problem(
    blame(['headers', name], ['auth']),
    'an Authorization header beside `auth`; keep one of them',
  )
}

const tlsConflict: Conflict = ({ settled, where, isOwn }, reading, around) => {
  if (isOwn('tls') && !around.discovers && around.targets.every(({ scheme }) => scheme === 'http'))
    reading.problem(
      where('tls'),
      'tls settings on a farm that is http throughout; give it an https url or node, or leave them out',
    )
  refuseHalfPair({ settled, where }, reading)
}

/** A client certificate and its key come together. */
export function refuseHalfPair(
  { settled: { tls }, where }: Pick<Secured, 'settled' | 'where'>,
  reading: Reading,
): void {
  const hasCert = tls.cert !== undefined || tls.cert_file !== undefined
  const hasKey = tls.key !== undefined || tls.key_file !== undefined
  if (hasCert !== hasKey)
    reading.problem(
      where('tls'),
      hasCert ? 'cert without key; give both, or neither' : 'key without cert; give both, or neither',
    )
}

const overlapWarning: Conflict = ({ settled, where, isWritten }, reading) => {
  const { interval, timeout, overlap } = settled
  if (interval === undefined || timeout <= 2 * interval * overlap) return
  const [due, kept] = [Math.ceil(timeout / interval), overlap]
  reading.warn(
    isWritten('timeout') ? where('timeout') : where('interval'),
    `a target that hangs for the timeout of ${formatDuration(timeout)} has ${due} slots of ` +
      `${formatDuration(interval)} in that time, of which overlap ${overlap} lets ${kept} be probed; the others count ` +
      `as missed. overlap: ${due} would keep them all`,
  )
}

const targetsWarning: Conflict = ({ settled, where }, reading, around) => {
  const found = around.targets.some(({ role }) => settled.targets.includes(role))
  if (!found && !around.discovers)
    reading.warn(where('targets'), 'the farm has no node, so that this check probes nothing; list its nodes')
}

const conflicts: readonly Conflict[] = [
  ({ path }, reading) => refuseRivals(reading, path),
  scheduleConflict,
  headConflict,
  bodySizeConflict,
  burstConflict,
  authorizationConflict,
  tlsConflict,
  overlapWarning,
  targetsWarning,
]

/** Reports everything in a check that cannot work together. */
export function reportConflicts(check: LayeredCheck, reading: Reading, around: Surroundings): void {
  for (const conflict of conflicts) conflict(check, reading, around)
}
