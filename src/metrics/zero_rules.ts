/** Which series of a metric exist at zero before anything happened: those that are possible, or likely. */
import type { Cause } from '../model/incident.ts'
import type { ZeroRule } from './metric_row.ts'

/** The lane of the check's schedule exists from the start; the others begin when they first run. */
export const scheduledLane: ZeroRule = (labels, traits) => labels.lane === traits.lane

/** Those that alerts ask for; the other reasons begin when a probe first fails for them. */
export const startingResult: ZeroRule = (labels, traits) =>
  scheduledLane(labels, traits) &&
  (labels.result === 'ok' ||
    labels.result === 'internal' ||
    (labels.result === 'auth' && traits.auth !== undefined))

/** Causes that take special evidence begin when they are first seen. */
const rare: ReadonlySet<string | undefined> = new Set<Cause>(['link', 'stale_connection', 'overload'])

/** The combinations that attribution yields as a rule; where several nodes explain an error alike, its cause is known. */
export const likelyCause: ZeroRule = ({ cause }, { blamed }) =>
  blamed === 'node' || blamed === 'unknown' ? cause !== 'balancer' && !rare.has(cause) : cause === blamed

/** There are too many of them, for what happens seldom. */
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
