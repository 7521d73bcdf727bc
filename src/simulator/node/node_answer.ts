import { type PageName, pages } from '../answer/pages.ts'
import type { Answer, Blame, FailureKind, NodeBlames, Served } from '../answer/simulated_answer.ts'
import type { NodeOutageKind } from '../farm/blueprint.ts'
import type { Admission } from './simulated_pool.ts'

export function outOfOrder(how: NodeOutageKind, node: string, blames: NodeBlames): Answer {
  if (how === 'status_500') return errorPage(node, how, blames.down)
  const silent = how === 'unanswered' || how === 'unreachable'
  return failure(
    how,
    node,
    silent ? Number.POSITIVE_INFINITY : failsAfterMs,
    silent ? blames.silent : blames.down,
  )
}

/** A machine that refuses or breaks off does so at once. */
const failsAfterMs = 0.5

/** What a node answers when its pool took the request so; `warmMs` is what a warm worker needs for it. */
export function answerOf(
  admission: Admission,
  node: string,
  nowMs: number,
  warmMs: number,
  transferMs: number,
  blames: NodeBlames,
): Answer {
  if (admission.kind === 'page') return errorPage(node, admission.page, blameOfPage(admission, blames))
  if (admission.kind === 'dropped')
    return failure('closed', node, admission.afterMs, admission.queued ? blames.queue : blames.down)
  const { turn, worker } = admission
  const waited = worker.cause === 'idle' ? blames.idleStart : blames.coldStart
  return {
    kind: 'served',
    page: pages.home,
    connectMs: 0,
    firstByteMs: turn.beginsMs - nowMs + warmMs,
    transferMs,
    node,
    token: worker.token,
    blame: turn.cold ? waited : blames.slow,
  }
}

function blameOfPage({ page, queued }: Admission & { kind: 'page' }, blames: NodeBlames): Blame {
  if (page === 'kernel_503') return queued ? blames.queue : blames.down
  return page === 'app_offline' ? blames.cutOff : blames.recycle
}

function errorPage(node: string, page: PageName, blame: Blame): Served {
  const quick = { connectMs: 0, firstByteMs: 0.4, transferMs: 0.1 }
  return { kind: 'served', page: pages[page], ...quick, node, token: undefined, blame }
}

function failure(how: FailureKind, node: string, afterMs: number, blame: Blame): Answer {
  return { kind: 'failed', how, connectMs: 0, afterMs, node, blame }
}

/** The end of a worker, which only the model knows beforehand. */
export interface Cutoff {
  readonly atMs: number
  /** The application whose worker ends; all of them when undefined. */
  readonly app: string | undefined
}

/** A request is reset with its worker, if the worker ends before it has answered. */
export function cutShort(
  answer: Answer,
  nowMs: number,
  app: string,
  cutoffs: readonly Cutoff[],
  blames: NodeBlames,
): Answer {
  if (answer.kind === 'failed') return answer
  const endsMs = nowMs + answer.firstByteMs + answer.transferMs
  const cutoff = cutoffs.find(({ atMs, app: of }) => atMs < endsMs && (of === undefined || of === app))
  if (cutoff === undefined) return answer
  const blame = cutoff.app === undefined ? blames.cutOff : blames.crash
  return failure('reset', answer.node ?? '', Math.max(0, cutoff.atMs - nowMs), blame)
}
