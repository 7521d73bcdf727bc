/**
 * The links between a balancer and its nodes, from probes that go through the balancer to a known node by its cookie. A
 * node that fails there and answers by itself, while others are reached, is cut off from the balancer:
 *
 *   balancer    o  x  o  o  x  o
 *   > web01     o  o  o  o  o  o
 *   > web02     o  x  x  x  x  o       [--------] the balancer does not reach web02
 *   web02       o  o  o  o  o  o       asked directly
 */
import { type Target, throughTargetsOf } from '../model/farm.ts'
import { type LinkState, linkStates } from '../model/link.ts'
import { endedMs, type Outcome, proofOf } from '../model/outcome.ts'
import { minuteMs } from '../runtime/duration.ts'
import { isBalancerError } from './attribution/culprit.ts'
import type { Detector, Emit } from './detector.ts'
import { createMemories, wholly } from './memories.ts'
import { isAnswered, isLong, type RecentAnswers } from './recent_answers.ts'
import type { Scope } from './sample.ts'
import { fieldsOf, type Of, oneOf, optional, tallies, text, time } from './shape.ts'

/** One failure may be anything; so many in a row are a link. */
const fewestFailures = 2
/** A balancer that finds a node down sends its clients elsewhere until it finds it up again: that is said after so long, in milliseconds. */
const lastingMs = minuteMs
/** Probes of one slot do not start in the same millisecond. */
const sameTimeMs = 150

const link = fieldsOf({
  state: oneOf(linkStates),
  sinceMs: optional(time),
  /** The run of failures: when the first was sent, when the last ended, and how many of each code there were. */
  failedMs: optional(time),
  failedToMs: optional(time),
  failures: tallies,
  /** Since when others have answered in its place, when they did last, and who. */
  movedMs: optional(time),
  movedToMs: optional(time),
  other: text,
  /** When the newest probe that the node answered was sent. */
  okMs: optional(time),
})

type Link = Of<typeof link>

/** What is known of a node through the balancer; of one whose cookie is not known there is nothing. */
export interface LinkReading {
  readonly target: string
  readonly state: LinkState
  /** When the newest probe was sent that the node answered; null before the first. */
  readonly okMs: number | null
  /** Since when it has not been so; null while it is. */
  readonly sinceMs: number | null
}

export interface Links extends Detector {
  /** Takes in a probe through the balancer to a known node. */
  through(outcome: Outcome): void
  /** The node that the balancer did not reach at a time, in wall milliseconds; `open`: one may turn out not to be reached. */
  failedAt(fromMs: number, toMs: number): { readonly node: string } | 'open' | undefined
  readings(): LinkReading[]
}

const byThrough = ({ farm }: Scope): ReadonlyMap<string, Target> =>
  new Map(
    farm.checks.flatMap((check) => throughTargetsOf(farm, check).map((target) => [target.name, target])),
  )

export function createLinks(emit: Emit, { answers }: { readonly answers: RecentAnswers }): Links {
  const links = createMemories(byThrough, wholly(link))
  /** When the newest good answer of the balancer was asked for, without a cookie. */
  let balancerOkMs = Number.NEGATIVE_INFINITY
  /** The last failure that was told and is over. */
  let past: { readonly node: string; readonly fromMs: number; readonly toMs: number } | undefined

  const tell = (name: string, known: Link, state: LinkState, atMs: number, lengthMs: number) => {
    const { state: previous, sinceMs = atMs, failedToMs = atMs, failures, other } = known
    if (previous === 'failing') past = { node: name, fromMs: sinceMs, toMs: failedToMs }
    known.state = state
    known.sinceMs = state === 'ok' ? undefined : atMs
    emit({
      kind: 'link',
      atMs,
      target: name,
      state,
      previous,
      lengthMs,
      failures: { ...failures },
      ...(state === 'elsewhere' && { other }),
    })
  }

  /** Whether a node was fine by itself since a moment; `bad`: it was not. */
  function byItself(node: string, sinceMs: number, untilMs: number): 'fine' | 'bad' | 'unknown' {
    const seen = answers.during(node, sinceMs - sameTimeMs, untilMs)
    if (seen.some((each) => !isAnswered(each) || isLong(each))) return 'bad'
    return seen.some(({ startMs }) => startMs >= sinceMs - sameTimeMs) ? 'fine' : 'unknown'
  }

  const othersReached = (name: string, sinceMs: number): boolean =>
    balancerOkMs >= sinceMs ||
    [...links.all()].some(({ subject, state }) => subject.name !== name && (state.okMs ?? 0) >= sinceMs)

  function takeOk(name: string, known: Link, startedMs: number): void {
    known.okMs = startedMs
    const { state, sinceMs = startedMs } = known
    if (state !== 'ok') tell(name, known, 'ok', startedMs, startedMs - sinceMs)
    Object.assign(known, noFailures, notMoved)
  }

  function concludeFailure(name: string, known: Link): void {
    const { state, failedMs, failedToMs, failures } = known
    if (state === 'failing' || failedMs === undefined || failedToMs === undefined) return
    const standing = byItself(name, failedMs, failedToMs)
    if (standing === 'bad') Object.assign(known, noFailures)
    const count = Object.values(failures).reduce((sum, each) => sum + each, 0)
    if (standing === 'fine' && count >= fewestFailures && othersReached(name, failedMs))
      tell(name, known, 'failing', failedMs, failedToMs - failedMs)
  }

  function concludeMove(name: string, known: Link): void {
    const { state, movedMs, movedToMs = 0 } = known
    if (state === 'elsewhere' || movedMs === undefined) return
    const standing = byItself(name, movedMs, movedToMs)
    if (standing === 'bad') Object.assign(known, notMoved)
    else if (standing === 'fine' && movedToMs - movedMs >= lastingMs)
      tell(name, known, 'elsewhere', movedMs, movedToMs - movedMs)
  }

  return {
    ...links,
    observe({ outcome, proof, series }) {
      if (proof === 'ok' && series.target.role === 'balancer')
        balancerOkMs = Math.max(balancerOkMs, outcome.startedMs)
    },
    through(outcome) {
      const known = links.get(outcome.target)
      const proof = proofOf(outcome)
      if (known === undefined || proof === 'nothing') return
      const { startedMs, elsewhere, status, reason } = outcome
      if (isBalancerError(outcome, proof)) {
        const code = status === 0 ? reason : `${status}`
        known.failedMs = Math.min(known.failedMs ?? startedMs, startedMs)
        known.failedToMs = Math.max(known.failedToMs ?? 0, endedMs(outcome))
        known.failures = { ...known.failures, [code]: (known.failures[code] ?? 0) + 1 }
        return
      }
      if (elsewhere === undefined) return takeOk(outcome.target, known, startedMs)
      const { state, sinceMs = startedMs } = known
      known.other = elsewhere
      known.movedToMs = startedMs
      if (state === 'failing') tell(outcome.target, known, 'elsewhere', startedMs, startedMs - sinceMs)
      Object.assign(known, noFailures)
      known.movedMs ??= startedMs
    },
    advance() {
      for (const { subject, state } of links.all()) {
        concludeFailure(subject.name, state)
        concludeMove(subject.name, state)
      }
    },
    failedAt(fromMs, toMs) {
      const touches = (sinceMs: number, untilMs: number) =>
        sinceMs - sameTimeMs <= toMs && fromMs <= untilMs + sameTimeMs
      const open = [...links.all()].filter(
        ({ state: { failedMs } }) => failedMs !== undefined && touches(failedMs, Number.POSITIVE_INFINITY),
      )
      const told = open.find(({ state }) => state.state === 'failing')
      if (told !== undefined) return { node: told.subject.name }
      if (open.length > 0) return 'open'
      return past !== undefined && touches(past.fromMs, past.toMs) ? past : undefined
    },
    readings: () =>
      [...links.all()]
        .filter(
          ({ state }) =>
            state.okMs !== undefined || state.failedMs !== undefined || state.movedMs !== undefined,
        )
        .map(({ subject, state: { state, okMs = null, sinceMs = null } }) => ({
          target: subject.name,
          state,
          okMs,
          sinceMs,
        })),
    shift(byMs) {
      links.shift(byMs)
      balancerOkMs -= byMs
      past = past && { ...past, fromMs: past.fromMs - byMs, toMs: past.toMs - byMs }
    },
  }
}

const noFailures = { failedMs: undefined, failedToMs: undefined, failures: {} }
const notMoved = { movedMs: undefined, movedToMs: undefined, other: '' }
