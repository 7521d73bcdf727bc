/** New workers and their first requests in the vocabulary of the scores. */
import type { RecycleCause, Sender } from '../../../../src/simulator/farm/true_events.ts'
import type { LoggedFirstRequest, WorkerTruth } from './vocabulary.ts'
import type { ArrivedRequest, Worker } from './workers.ts'

/** The tolerance between times that different processes logged. */
const clockMs = 20

/** The path of the application on every node. */
const app = '/'

/** `of`: the number of workers of the node. */
export function recycleOf(worker: Worker, of: number, cause: RecycleCause): WorkerTruth {
  const { node, token, bornMs, readyMs, before, place } = worker
  const waited = waitingFor(worker)
  const warmMs = waited.length === 0 ? readyMs : Math.min(...waited.map(({ endMs }) => endMs))
  return {
    kind: 'recycle',
    node,
    app,
    cause,
    atMs: bornMs,
    servesMs: readyMs,
    coldMs: warmMs - readyMs,
    worker: place,
    of,
    token,
    overlapped: before !== undefined && before.endMs >= readyMs,
    preloaded: waited.length === 0,
    lastMs: before === undefined ? bornMs : lastMsOf(before),
    warmMs,
    drainedMs: drainedMs(worker, warmMs),
    grown: before === undefined,
  }
}

/** The end of a worker; its last request, where the end was not logged. */
const lastMsOf = ({ endMs, requests }: Worker): number =>
  Number.isFinite(endMs) ? endMs : (requests.at(-1)?.endMs ?? endMs)

/** A warm worker answers sooner. */
const aWaitMs = 500

/** Some servers release waiting requests one by one, and new requests queue behind them. */
function drainedMs({ requests }: Worker, warmMs: number): number {
  let endMs = warmMs
  for (const request of [...requests].sort((a, b) => a.arrivedMs - b.arrivedMs)) {
    if (request.arrivedMs > endMs) break
    if (request.endMs - request.arrivedMs >= aWaitMs) endMs = Math.max(endMs, request.endMs)
  }
  return endMs
}

/** Requests that arrived before their worker was ready. */
const waitingFor = ({ requests, readyMs }: Worker): ArrivedRequest[] =>
  requests.filter(({ arrivedMs }) => arrivedMs < readyMs - clockMs)

/** Requests released together are answered within this time. */
const scatterMs = 500

/** The first request of a worker: of those released together, the one that arrived first and so waited longest. */
export function firstRequestOf(worker: Worker): LoggedFirstRequest | undefined {
  const { node, token, requests } = worker
  const waited = waitingFor(worker)
  const letGoMs = Math.min(...waited.map(({ endMs }) => endMs)) + scatterMs
  const together = waited.length === 0 ? requests.slice(0, 1) : waited.filter(({ endMs }) => endMs <= letGoMs)
  const [first] = together.sort((a, b) => a.arrivedMs - b.arrivedMs)
  if (first === undefined) return undefined
  const { id, path, arrivedMs, endMs } = first
  const from = senderOf(id)
  return {
    kind: 'first_request',
    node,
    app,
    path,
    of: 'worker',
    from,
    id,
    token,
    atMs: arrivedMs,
    ms: endMs - arrivedMs,
  }
}

/** Users' ids have a prefix; health checks have no id. */
function senderOf(id: string): Sender {
  if (id === '') return 'health'
  return id.startsWith('user-') ? 'user' : 'probe'
}
