/** The state of a farm in one sentence, with what is known of its nodes; in the past tense once the connection is lost. */
import type { Verdict } from '../../../model/event.ts'
import { countOf } from './format.ts'

/** What the newest probes say beside the verdict. */
export interface NodeCounts {
  readonly nodes: number
  readonly failing: number
  /** Something answered, be it with an error. */
  readonly isAnswering: boolean
  /** Something asks for other credentials than the probes have. */
  readonly isLocked: boolean
}

type Words = readonly [present: string, past: string]

const verdictWords: Readonly<Record<Verdict, (counts: NodeCounts) => Words>> = {
  ok: () => ['All is well', 'Was well'],
  unknown: ({ isLocked }) => [
    isLocked ? 'Not known: other credentials are asked for' : 'Not known: the probes prove nothing',
    'Was not known',
  ],
  masked: (counts) => [
    `Users notice nothing, but ${failing(counts)[0]}`,
    `Users noticed nothing, but ${failing(counts)[1]}`,
  ],
  node_fault: (counts) =>
    counts.failing === 0
      ? ['Users get errors', 'Users got errors']
      : [`Users get errors: ${failing(counts)[0]}`, `Users got errors: ${failing(counts)[1]}`],
  balancer_fault: () => ['Users get errors: the balancer fails', 'Users got errors: the balancer failed'],
  farm_down: ({ isAnswering }) =>
    isAnswering
      ? ['Users get errors: every target fails', 'Users got errors: every target failed']
      : ['Nothing answers', 'Nothing answered'],
}

/** The verdict may be a tick older than the counts. */
function failing({ nodes, failing: count }: NodeCounts): Words {
  if (count === 0) return ['a node fails', 'a node failed']
  const which = countOf(count, nodes, 'node')
  return [`${which} ${count === 1 ? 'fails' : 'fail'}`, `${which} failed`]
}

/** `verdict` is null before there is any proof. */
export function wordsOfVerdict(verdict: Verdict | null, counts: NodeCounts, isPast: boolean): string {
  if (verdict === null) return isPast ? 'Was not known yet' : 'Not known yet'
  return verdictWords[verdict](counts)[isPast ? 1 : 0]
}
