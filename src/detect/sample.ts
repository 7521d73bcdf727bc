/** One outcome, as every detector of its farm is given it. */
import type { Check, Farm, Target } from '../model/farm.ts'
import { type Outcome, type Proof, proofOf, seriesKey } from '../model/outcome.ts'
import { type NodeNames, nodeNames } from './attribution/served_node.ts'

/** One target under one check. */
export interface Series {
  readonly key: string
  readonly target: Target
  readonly check: Check
}

/** A farm as its detectors look at it. */
export interface Scope {
  readonly farm: Farm
  /** By `seriesKey`, the balancer's first. */
  readonly series: ReadonlyMap<string, Series>
  /** Which node a balancer's answer names. */
  readonly nodeNames: NodeNames
}

/** The scope of a farm, to be made anew whenever it changes. */
export function scopeOf(farm: Farm): Scope {
  const series = [farm.balancer, ...farm.nodes].flatMap((target) =>
    farm.checks
      .filter(({ targets }) => targets.includes(target.role))
      .map((check) => ({ key: seriesKey(target.name, check.name), target, check })),
  )
  return { farm, series: new Map(series.map((each) => [each.key, each])), nodeNames: nodeNames(farm) }
}

/** One outcome as each detector is given it. */
export interface Sample {
  readonly outcome: Outcome
  readonly proof: Proof
  /** How it was answered; undefined when it proves nothing. */
  readonly manner: Manner | undefined
  readonly series: Series
  /** The series of the node that answered, directly or through the balancer; undefined when it is not known. */
  readonly node: Series | undefined
}

export const manners = ['quick', 'slow', 'hung', 'failed'] as const

/**
 * `quick`: a success at normal speed. `slow`: a success that took suspiciously long. `hung`: no answer within the
 * time-out. `failed`: any other failure.
 */
export type Manner = (typeof manners)[number]

/** `isSlow` says whether a first-byte time is far above what is normal for a series. */
export function sampleOf(
  outcome: Outcome,
  series: Series,
  scope: Scope,
  isSlow: (key: string, firstByteMs: number) => boolean,
): Sample {
  const { check, servedBy } = outcome
  const proof = proofOf(outcome)
  const waitMs = waitOf(outcome)
  const isSlowBy = (lessMs: number) => waitMs !== undefined && isSlow(series.key, waitMs - lessMs)
  const named = servedBy === undefined || proof !== 'ok' ? undefined : scope.nodeNames(servedBy)
  const served = named === undefined ? undefined : scope.series.get(seriesKey(named, check))
  const node = series.target.role === 'node' ? series : served
  return { outcome, proof, manner: mannerOf(outcome, proof, isSlowBy), series, node }
}

/** How long the answer was waited for, in milliseconds, also when none came; undefined when it never came to that. */
const waitOf = ({ firstByteMs, phaseMs }: Outcome): number | undefined => firstByteMs ?? phaseMs.wait

/** How an outcome looked; undefined when our own lateness leaves that open. */
function mannerOf(
  { reason, latenessMs }: Outcome,
  proof: Proof,
  isSlow: (lessMs: number) => boolean,
): Manner | undefined {
  const isSurelySlow = isSlow(latenessMs)
  if (reason === 'first_byte_timeout') return proof === 'failure' || isSurelySlow ? 'hung' : undefined
  if (proof !== 'ok') return proof === 'failure' ? 'failed' : undefined
  if (isSurelySlow) return 'slow'
  return isSlow(0) ? undefined : 'quick'
}
