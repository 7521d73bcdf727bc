/** Which series of a metric exist at zero before anything happened: those that are possible, or likely. */
import type { Cause } from '../model/incident.ts'
import { originTable, unknownOrigin } from '../origins/origin_of.ts'
import type { Traits, ZeroRule } from './metric_row.ts'

/** The lane of the check's schedule exists from the start; the others begin when they first run. */
export const scheduledLane: ZeroRule = (labels, traits) => labels.lane === traits.lane

/** A reason that only some checks can have exists for these. */
const possible = (reason: string | undefined, { timed, auth }: Traits) =>
  (reason !== 'slow' || timed === true) && (reason !== 'auth' || auth !== undefined)
/** Refused credentials are held against nobody, and so are no outage. */
export const possibleReason: ZeroRule = ({ reason }, traits) => reason !== 'auth' && possible(reason, traits)
export const possibleResult: ZeroRule = (labels, traits) =>
  scheduledLane(labels, traits) && possible(labels.result, traits)

/** On the balancer what the table of origins knows; on nodes a series per origin would double their number. */
export const likelyOrigin: ZeroRule = ({ code, origin }, { role }) =>
  origin === unknownOrigin ||
  (role === 'balancer' &&
    originTable.some(({ who, status }) => who === origin && status.includes(Number(code))))

/** Causes that take special evidence begin when they are first seen. */
const rare: ReadonlySet<string | undefined> = new Set<Cause>(['link', 'stale_connection', 'overload'])

/** The combinations that attribution yields as a rule. */
export const likelyCause: ZeroRule = ({ cause }, { blamed }) =>
  blamed === 'node' ? cause !== 'balancer' && !rare.has(cause) : cause === blamed

/** There are too many combinations. */
export const never: ZeroRule = () => false

/** Most checks authenticate without a handshake, or not at all. */
export const withHandshake: ZeroRule = ({ phase }, traits) => phase !== 'auth' || traits.auth === 'handshake'

export const withTls: ZeroRule = (_labels, traits) => traits.tls === true

export const crosschecked: ZeroRule = (_labels, traits) => traits.crosschecked === true

export const exporterRead: ZeroRule = (_labels, traits) => traits.exporterRead === true

/** Of nodes that are probed through the balancer, too. */
export const linked: ZeroRule = (_labels, { linked }) => linked === true

/** Only of nodes through the balancer. */
export const ofThrough: ZeroRule = (_labels, { role }) => role === 'through'

export const ofNode: ZeroRule = (_labels, { role }) => role === 'node'
