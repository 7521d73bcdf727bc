import type { Candidate } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'

/** What a source of nodes says, at least once soon after it was started, and at every change. */
export interface SourceEvents {
  /** The whole set it knows now. */
  readonly found: (candidates: readonly Candidate[]) => void
  /** An attempt failed; what was found before still holds. Called before the `found` of the same attempt. */
  readonly failed: () => void
  /** Something a person should look at; said once, not at each attempt. */
  readonly problem: (problem: Problem) => void
  /** What was a problem is none any more. */
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

/** Passes on a problem when its words change, and again after it was gone for a while; `over` hears of its end. */
export function onlyNews(
  report: (problem: Problem) => void,
  over: () => void = () => undefined,
): (problem: Problem | undefined) => void {
  let last: string | undefined
  return (problem) => {
    if (problem !== undefined && problem.message !== last) report(problem)
    if (problem === undefined && last !== undefined) over()
    last = problem?.message
  }
}
