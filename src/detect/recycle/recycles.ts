/** The recycles of each node: whatever evidence shows one, and however many checks see it, it is reported once. */
import { type RecycleEvidence, recycleEvidence } from '../../model/event.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector, Emit } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import { fieldsOf, flag, listOf, type Of, oneOf, optional, text, time } from '../shape.ts'

/** Recycles remembered, for habits, deploys and the attribution of the balancer's errors. */
const remembered = 32
/** Evidence this close together is of the same recycle. */
const sameMs = 60_000
/** Waits that begin so long after the last of one cold start are of the next, in milliseconds. */
const anewMs = 5000
/** Waits for one worker end within this time of each other, in milliseconds. */
const releasedMs = 300

/** A recycle as one piece of evidence shows it. */
export interface ObservedRecycle {
  readonly evidence: RecycleEvidence
  /** The check that saw it. */
  readonly check: string
  /** When the worker changed, as far as is known, wall milliseconds. */
  readonly atMs: number
  /** When the last answer that it delayed came. */
  readonly untilMs: number
  /** 0 to 1. */
  readonly confidence: number
  /** Why it is one, where that has to be concluded. */
  readonly because?: string
  /** The checks whose answers were as slow as a cold start. */
  readonly coldChecks?: readonly string[]
  /** One worker of several: others of the node may be replaced at the same time. */
  readonly ofSeveral?: true
  /** Nobody listened any more: the earlier worker had ended. */
  readonly refused?: true
  /** The pool was seen stopped or stopping: the earlier workers are gone. */
  readonly stopped?: true
  /** The new worker's token, when that is the evidence. */
  readonly token?: string
  /** When the newest request was sent that the worker before it answered, where that is known. */
  readonly aliveMs?: number | undefined
}

/** A recycle that has been reported. */
const knownRecycle = fieldsOf({
  evidence: oneOf(recycleEvidence),
  /** Of the first evidence. */
  check: text,
  atMs: time,
  /** The newest evidence of it. */
  lastMs: time,
  /** The new workers' tokens, as far as known: one of each of its checks' pools. */
  tokens: listOf(text),
  /** The checks whose answers were as slow as a cold start. */
  coldChecks: listOf(text),
  ofSeveral: optional(flag),
  /** The wait for its first requests: when it is looked for them next, until when, and the checks that had theirs. */
  awaited: optional(fieldsOf({ dueMs: time, untilMs: time, reported: listOf(text) })),
})

export type KnownRecycle = Of<typeof knownRecycle>

export interface Recycles extends Detector {
  /** Those of a node, the oldest first. */
  of(node: string): readonly KnownRecycle[]
  /** Those whose first requests are awaited. */
  awaited(): Iterable<{ readonly node: string; readonly recycle: KnownRecycle }>
  /** Takes in evidence; reports the recycle that it shows unless it is known already. */
  add(node: string, observed: ObservedRecycle): void
  /** Takes in an answer of a worker: when its request came before the one that made the worker known, it is older. */
  redate(node: string, token: string, startedMs: number): void
  /** The newest of each node. */
  readings(): { readonly target: string; readonly atMs: number }[]
}

export function createRecycles(emit: Emit, baselines: Baselines): Recycles {
  const nodes = createMemories(byNode, wholly(listOf(knownRecycle)))
  return {
    ...nodes,
    of: (node) => nodes.get(node) ?? [],
    *awaited() {
      for (const { subject, state } of nodes.all()) {
        for (const recycle of state) if (recycle.awaited !== undefined) yield { node: subject.name, recycle }
      }
    },
    add(node, observed) {
      const known = nodes.get(node)
      if (known === undefined || !addTo(known, observed)) return
      const { atMs, untilMs, evidence, confidence, because } = observed
      const why = because === undefined ? {} : { because }
      emit({ kind: 'recycle', atMs, target: node, evidence, confidence, ...why })
      baselines.forget(node, atMs, untilMs)
    },
    redate(node, token, startedMs) {
      const newest = nodes.get(node)?.at(-1)
      if (newest === undefined || startedMs >= newest.atMs || newest.evidence !== 'identity') return
      if (newest.tokens.includes(token)) newest.atMs = startedMs
    },
    readings: () =>
      [...nodes.all()].flatMap(({ subject, state }) => {
        const newest = state.at(-1)
        return newest === undefined ? [] : [{ target: subject.name, atMs: newest.atMs }]
      }),
  }
}

/** Whether the evidence shows a recycle that was not known. */
function addTo(known: KnownRecycle[], observed: ObservedRecycle): boolean {
  const { evidence, check, atMs, untilMs, token, coldChecks = [], ofSeveral } = observed
  const same = known.findLast((each) => isSame(each, observed))
  const recycle = same ?? { ...knownRecycle.empty(), evidence, check, atMs, ofSeveral }
  recycle.lastMs = Math.max(recycle.lastMs, untilMs)
  if (token !== undefined && !recycle.tokens.includes(token)) recycle.tokens.push(token)
  recycle.coldChecks = [...new Set([...recycle.coldChecks, ...coldChecks])]
  if (same !== undefined) return false
  known.push(recycle)
  // A token may show only later that its worker is new.
  known.sort((a, b) => a.atMs - b.atMs)
  if (known.length > remembered) known.shift()
  return true
}

function isSame(known: KnownRecycle, observed: ObservedRecycle): boolean {
  const { evidence, token, atMs, untilMs, aliveMs = Number.NEGATIVE_INFINITY } = observed
  if (token !== undefined && known.tokens.includes(token)) return true
  // Where the old worker has answered since, what looked like a restart was none.
  if (evidence === 'identity' && (known.tokens.length > 0 || aliveMs > known.lastMs)) return false
  if (observed.ofSeveral)
    return known.ofSeveral
      ? Math.abs(untilMs - known.lastMs) < releasedMs
      : untilMs > known.atMs && atMs < known.lastMs + anewMs
  if (isNext(known, observed)) return false
  return untilMs > known.atMs - sameMs && atMs < known.lastMs + sameMs
}

/** A worker has its first request of a check once, and one that has had it can be stopped: then another comes. */
function isNext(known: KnownRecycle, { coldChecks = [], refused, stopped, atMs }: ObservedRecycle): boolean {
  if (atMs <= known.lastMs + anewMs) return false
  if (refused) return true
  return stopped ? known.coldChecks.length > 0 : coldChecks.some((check) => known.coldChecks.includes(check))
}
