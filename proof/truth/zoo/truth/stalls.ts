/** When a node answered nobody, from what its workers could do at each time. */
import { overlap, type Window } from '../../pairing.ts'
import type { Concurrency } from '../kind.ts'
import type { NodeStallTruth } from './vocabulary.ts'
import type { ArrivedRequest, Worker } from './workers.ts'

/** Less is no stall, whatever it is: a warm page takes as long. */
const leastStallMs = 250
/** A request that came so much after a stall was over did not wait for it: clocks are read one after the other. */
const clockMs = 20

/** The stalls of a node within `watched`, in the order of time; `pauses`: when its process stood still as a whole. */
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
  // A worker of several threads answers the others while one is busy.
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

/** It is over for those who waited when the first of them is answered; nobody waited: when somebody could have been. */
function firstAnswerMs({ toMs }: Window, requests: readonly ArrivedRequest[]): number {
  const waited = requests.filter(({ arrivedMs, endMs }) => arrivedMs <= toMs + clockMs && endMs >= toMs)
  return waited.length === 0 ? toMs : Math.min(...waited.map(({ endMs }) => endMs))
}

const touches = (a: Window, b: Window): boolean => a.fromMs < b.toMs && b.fromMs < a.toMs

/** What is left of `windows` when `holes` are taken out of them. */
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

/** The part of `whole` that none of the windows covers. */
const complement = (windows: readonly Window[], whole: Window): Window[] =>
  without([whole], windows).sort((a, b) => a.fromMs - b.fromMs)
