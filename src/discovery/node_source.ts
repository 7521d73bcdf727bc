/** What all sources of nodes share: their events, and the memory of their last good answers. */
import type { Candidate } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'
import type { Clock } from '../runtime/clock.ts'

/** What a source of nodes reports. */
interface SourceEvents {
  /** All nodes it knows; called at least once soon after the start, and after every attempt. */
  readonly found: (candidates: readonly Candidate[]) => void
  /** An attempt failed; the nodes found before stay. Called before the `found` of the same attempt. */
  readonly failed: () => void
  /** Something for a person to look at; reported once, not at each attempt. */
  readonly problem: (problem: Problem) => void
  /** The problem is over. */
  readonly mended: () => void
}

export interface Source {
  stop(): Promise<void>
}

/** The last good answers to one question, by the file that gives them; those of a source without files by ''. */
export type GoodAnswers = Map<string, readonly Candidate[]>

/**
 * The last good answers, by question. A reload passes them on, so that a name server that is down just then does not
 * remove nodes.
 */
export type DiscoveryMemory = Map<string, GoodAnswers>

/** What a source needs besides its settings. */
export interface SourceOptions {
  readonly clock: Clock
  /** The name of its farm, for problems. */
  readonly farm: string
  readonly events: SourceEvents
  readonly maxNodes: number
  /** The memory of a question. */
  readonly recall: (question: string) => GoodAnswers
}

/** What an attempt gave: nodes, or why there are none. */
export type Attempt = { readonly candidates: readonly Candidate[] } | { readonly problem: Problem }

/**
 * Returns a function that records each attempt to answer a question, or to read its file `key`, and returns the nodes to
 * use: after a failure, the last good ones.
 */
export function rememberGood(
  answers: GoodAnswers,
  { events, farm, maxNodes }: SourceOptions,
  key = '',
): (attempt: Attempt) => readonly Candidate[] {
  const report = reportChanges(events.problem, events.mended)
  return (answer) => {
    const attempt = refuseTooMany(answer, farm, maxNodes)
    if ('candidates' in attempt) answers.set(key, attempt.candidates)
    else events.failed()
    const kept = answers.get(key) ?? []
    report('problem' in attempt ? withConsequence(attempt.problem, kept.length) : undefined)
    return kept
  }
}

export const tooManyNodes = (found: number, maxNodes: number) =>
  `${found} nodes are found, and discover.max_nodes allows ${maxNodes}; raise it if so many are meant`

/** A part of them would look like the whole. */
const refuseTooMany = (attempt: Attempt, farm: string, maxNodes: number): Attempt =>
  'candidates' in attempt && attempt.candidates.length > maxNodes
    ? { problem: farmProblem(farm, 'discover', tooManyNodes(attempt.candidates.length, maxNodes)) }
    : attempt

function withConsequence(problem: Problem, kept: number): Problem {
  const nodes = `keeping the last ${kept === 1 ? 'node' : `${kept} nodes`} it gave`
  return { ...problem, message: `${problem.message}; ${kept === 0 ? 'it gives no nodes' : nodes}` }
}

/** Reports a problem when its message changes, and when it comes back; calls `onEnd` when it is over. */
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

/** A problem of discovery that is not in a file; `path` starts at the farm. */
export const farmProblem = (farm: string, path: string, message: string): Problem => ({
  file: `farm ${farm}`,
  line: 0,
  column: 0,
  path,
  message,
})
