/** What every source of nodes has: its events, and the memory of its last good answers. */
import type { Candidate } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'
import type { Clock } from '../runtime/clock.ts'

/** What a source of nodes reports, at least once soon after its start, and at every change. */
interface SourceEvents {
  /** All nodes it knows now. */
  readonly found: (candidates: readonly Candidate[]) => void
  /** An attempt failed; what was found before still holds. Called before the `found` of the same attempt. */
  readonly failed: () => void
  /** Something for a person to look at; reported once, not at each attempt. */
  readonly problem: (problem: Problem) => void
  /** The problem is over. */
  readonly mended: () => void
}

export interface Source {
  stop(): Promise<void>
}

/**
 * The last good answers of every source, by what was asked: hand the same one to the discovery after a reload, so
 * that a name server that is down just then takes no node away.
 */
export type DiscoveryMemory = Map<string, readonly Candidate[]>

/** What a source needs besides its settings. */
export interface SourceOptions {
  readonly clock: Clock
  readonly memory: DiscoveryMemory
  /** The name of its farm, for problems. */
  readonly farm: string
  readonly events: SourceEvents
}

/** What an attempt gave: nodes, or why there are none. */
export type Attempt = { readonly candidates: readonly Candidate[] } | { readonly problem: Problem }

/**
 * Returns what takes in the attempts to answer one question, and gives the nodes that hold after each: the last good
 * ones when it failed. `key` tells the question from all others.
 */
export function rememberGood(
  key: string,
  { memory, events }: SourceOptions,
): (attempt: Attempt) => readonly Candidate[] {
  const report = reportChanges(events.problem, events.mended)
  return (attempt) => {
    if ('candidates' in attempt) memory.set(key, attempt.candidates)
    else events.failed()
    const kept = memory.get(key) ?? []
    report('problem' in attempt ? withConsequence(attempt.problem, kept.length) : undefined)
    return kept
  }
}

function withConsequence(problem: Problem, kept: number): Problem {
  const nodes = `keeping the last ${kept === 1 ? 'node' : `${kept} nodes`} it gave`
  return { ...problem, message: `${problem.message}; ${kept === 0 ? 'it gives no nodes' : nodes}` }
}

/** Passes a problem on when its words change, and again when it comes back; `onEnd` is called when it is over. */
export function reportChanges(
  report: (problem: Problem) => void,
  onEnd: () => void = () => undefined,
): (problem: Problem | undefined) => void {
  let last: string | undefined
  return (problem) => {
    if (problem !== undefined && problem.message !== last) report(problem)
    if (problem === undefined && last !== undefined) onEnd()
    last = problem?.message
  }
}

/** A problem of discovery as such, in no file; `path` is below the farm. */
export const farmProblem = (farm: string, path: string, message: string): Problem => ({
  file: `farm ${farm}`,
  line: 0,
  column: 0,
  path,
  message,
})
