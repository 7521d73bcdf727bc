/** The stalls of a node: spans in which no worker could answer. */
import { overlap, type Window } from '../../scores/windows.ts'
import type { Concurrency } from '../kind.ts'
import type { NodeStallTruth } from './vocabulary.ts'
import type { ArrivedRequest, Worker } from './workers.ts'

/** Shorter spans are no stalls: a warm page takes as long. */
const leastStallMs = 250
/** The tolerance between times that different processes logged. */
const clockMs = 20

/** The stalls of a node within `watched`, in order; `pauses`: times at which its whole process stood still. */
export function stallsOf(
  node: string,
  workers: readonly Worker[],
  { threads }: Concurrency,
  pauses: readonly Window[],
  watched: Window,
): NodeStallTruth[] {
  const absent = complement(
    workers.flatMap(({ readyMs, endMs }) => without([{ fromMs: readyMs, toMs: endMs }], pauses)),
    watched,
  )
  // A worker with several threads answers other requests meanwhile.
  const busy = (worker: Worker): ArrivedRequest[] =>
    threads > 1 ? [] : worker.requests.filter(({ cameMs, endMs }) => endMs - cameMs >= leastStallMs)
  const able = workers.flatMap((worker) =>
    without(
      [{ fromMs: worker.readyMs, toMs: worker.endMs }],
      [...pauses, ...busy(worker).map(({ cameMs, endMs }) => ({ fromMs: cameMs, toMs: endMs }))],
    ),
  )
  const requests = workers.flatMap((worker) => worker.requests)
  return complement(able, watched)
    .filter(({ fromMs, toMs }) => toMs - fromMs >= leastStallMs)
    .map((unable) => {
      const isAbsent = absent.some((window) => touches(window, unable))
      const isPause = pauses.some((window) => touches(window, unable))
      return {
        kind: 'node_stall',
        node,
        cause: isPause ? 'pause' : isAbsent ? 'start' : 'busy',
        atMs: unable.fromMs,
        toMs: firstAnswerMs(unable, requests),
        busyWith: workers
          .flatMap(busy)
          .flatMap(({ id, cameMs, endMs }) =>
            id !== '' && overlap({ fromMs: cameMs, toMs: endMs }, unable) ? [id] : [],
          ),
      }
    })
}

/** The end of the first answer to a waiting request; without waiting requests the time from which one could be answered. */
function firstAnswerMs({ toMs }: Window, requests: readonly ArrivedRequest[]): number {
  const waited = requests.filter(({ arrivedMs, endMs }) => arrivedMs <= toMs + clockMs && endMs >= toMs)
  return waited.length === 0 ? toMs : Math.min(...waited.map(({ endMs }) => endMs))
}

const touches = (a: Window, b: Window): boolean => a.fromMs < b.toMs && b.fromMs < a.toMs

/** `windows` without the parts that `holes` cover. */
function without(windows: readonly Window[], holes: readonly Window[]): Window[] {
  let left = windows.filter(({ fromMs, toMs }) => toMs > fromMs)
  for (const hole of holes)
    left = left.flatMap(({ fromMs, toMs }) =>
      [
        { fromMs, toMs: Math.min(toMs, hole.fromMs) },
        { fromMs: Math.max(fromMs, hole.toMs), toMs },
      ].filter((rest) => rest.toMs > rest.fromMs),
    )
  return left
}

/** The parts of `whole` that no window covers. */
const complement = (windows: readonly Window[], whole: Window): Window[] =>
  without([whole], windows).sort((a, b) => a.fromMs - b.fromMs)
