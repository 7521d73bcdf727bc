/**
 * Finds what identifies workers where a check asks for it (`identity: auto`): of all that its answers say, the value that
 * differs between nodes, stays while a worker lives, and changes when a node starts.
 */
import type { Outcome } from '../../model/outcome.ts'
import type { Detector, Emit } from '../detector.ts'
import { byCheck, createMemories, wholly } from '../memories.ts'
import { fieldsOf, flag, listOf, number, type Of, optional, text } from '../shape.ts'
import { isChurning, takeToken, workerTokens } from './worker_tokens.ts'

/** What is remembered of a check is bounded, whatever answers say. */
const mostCandidates = 32
const mostWorkers = 8
/** So many starts must have changed it, and few changes may have come without a start. */
const fewestStarts = 2
const changesAStart = 1.5
const fewestAnswers = 12

const candidate = fieldsOf({
  source: text,
  /** It changes too often. */
  dropped: flag,
  nodes: listOf(fieldsOf({ node: text, tokens: workerTokens, changes: number, starts: number })),
})

const search = fieldsOf({
  /** What was found, as text. */
  found: optional(text),
  candidates: listOf(candidate),
  /** Nodes whose newest request got no answer. */
  failing: listOf(text),
})

type Candidate = Of<typeof candidate>

export interface IdentityFinder extends Detector {
  /** The outcome with the identity that was found. */
  identified(outcome: Outcome): Outcome
}

export function createIdentityFinder(emit: Emit): IdentityFinder {
  const searches = createMemories(byCheck, wholly(search))
  let nodeCount = 0
  return {
    ...searches,
    setFarm(scope) {
      searches.setFarm(scope)
      nodeCount = scope.farm.nodes.length
    },
    identified(outcome) {
      if (outcome.candidates === undefined) return outcome
      const found = searches.get(outcome.check)?.found
      const { candidates, ...rest } = outcome
      const identity = found === undefined ? undefined : candidates[found]
      return identity === undefined ? outcome : { ...rest, identity }
    },
    observe({ outcome, series: { target, check }, manner, proof }) {
      const state = searches.get(check.name)
      if (check.identity !== 'auto' || target.role !== 'node' || state?.found !== undefined || !state) return
      const { candidates = {}, startedMs: atMs, status } = outcome
      if (proof === 'failure' && status === 0) state.failing = [...new Set([...state.failing, target.name])]
      if (status === 0) return
      const waited = manner === 'slow' || state.failing.includes(target.name)
      state.failing = state.failing.filter((name) => name !== target.name)
      for (const [source, value] of Object.entries(candidates))
        note(state.candidates, source, target.name, { token: value, startedMs: atMs, waited })
      state.found = state.candidates.find((each) => identifies(each, nodeCount))?.source
      if (state.found === undefined) return
      state.candidates = []
      emit({
        kind: 'identity',
        atMs,
        target: target.name,
        check: check.name,
        finding: 'found',
        source: state.found,
      })
    },
  }
}

function note(
  candidates: Candidate[],
  source: string,
  node: string,
  shown: { readonly token: string; readonly startedMs: number; readonly waited: boolean },
): void {
  const known = candidates.find((each) => each.source === source)
  if (known === undefined && candidates.length >= mostCandidates) return
  const entry = known ?? { source, dropped: false, nodes: [] }
  if (known === undefined) candidates.push(entry)
  if (entry.dropped) return
  const own = entry.nodes.find((each) => each.node === node) ?? {
    node,
    tokens: workerTokens.empty(),
    changes: 0,
    starts: 0,
  }
  if (!entry.nodes.includes(own)) entry.nodes.push(own)
  const changes = takeToken(own.tokens, { ...shown, quietMs: Number.POSITIVE_INFINITY }).length
  own.changes += changes
  if (changes > 0 && shown.waited) own.starts++
  entry.dropped = isChurning(own.tokens) || own.tokens.workers.length > mostWorkers
  if (entry.dropped) entry.nodes = []
}

function identifies({ nodes }: Candidate, nodeCount: number): boolean {
  const sum = (of: 'changes' | 'starts') => nodes.reduce((total, each) => total + each[of], 0)
  const tokens = nodes.flatMap((each) => each.tokens.workers.map(({ token }) => token))
  return (
    sum('starts') >= fewestStarts &&
    sum('changes') <= changesAStart * sum('starts') &&
    nodes.length === nodeCount &&
    nodes.every((each) => each.tokens.answers >= fewestAnswers) &&
    new Set(tokens).size === tokens.length
  )
}
