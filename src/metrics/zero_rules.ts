/** Which series exist before anything was counted, where that is not all of a row's. */
import { originTable, unknownOrigin } from '../origins/origin_of.ts'
import type { ZeroRule } from './metric_row.ts'

/** Bursts, sweeps and canaries are born when they first run; what is scheduled exists from the start. */
export const scheduledLane: ZeroRule = (labels, traits) => labels.lane === traits.lane

/** On the balancer whatever the table of origins knows; on nodes a series per origin would double their number. */
export const likelyOrigin: ZeroRule = ({ code, origin }, { role }) =>
  origin === unknownOrigin ||
  (role === 'balancer' &&
    originTable.some(({ who, status }) => who === origin && status.includes(Number(code))))

/** The combinations that attribution yields as a rule. */
export const likelyCause: ZeroRule = ({ cause }, { blamed }) =>
  blamed === 'node' ? cause !== 'balancer' : cause === blamed

export const withTls: ZeroRule = (_labels, traits) => traits.tls === true

export const crosschecked: ZeroRule = (_labels, traits) => traits.crosschecked === true
