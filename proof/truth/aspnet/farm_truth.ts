/** What really happened to one farm, and what its probes met of it: the logs of its nodes and its balancer, put together. */
import type { BalancerErrorTruth, TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import type { BalancerLine } from '../../../test/support/processes/balancer_files.ts'
import { overlap } from '../pairing.ts'
import { createWarmTimes } from '../warm_times.ts'
import type { ColdWait, Witnessed } from '../witness.ts'
import type { NodeLine, Note } from './node.ts'
import { asTruth, firstOf, troubleOf, type Worker, workersOf } from './node_truth.ts'

/** A node with everything it has written down. */
export interface NodeLogs {
  readonly name: string
  readonly address: string
  readonly notes: readonly Note[]
  readonly requests: readonly NodeLine[]
}

export interface FarmTruth {
  readonly truth: readonly TruthEvent[]
  readonly witnessed: Pick<Witnessed, 'tokens' | 'coldWaits' | 'warmTimes' | 'ownFault'>
  /** Of each node's new workers, the first request that the farm sent to the node itself. */
  readonly firsts: readonly FirstOfFarm[]
}

export interface FirstOfFarm {
  readonly node: string
  readonly worker: Worker
  readonly line: NodeLine
}

const checkName = 'home'

/** `host` is the farm's, `log` that of its balancer, which waits `timeoutMs` for a node. */
export function farmTruth(
  host: string,
  nodes: readonly NodeLogs[],
  log: readonly BalancerLine[],
  timeoutMs: number,
): FarmTruth {
  const own = log.filter((line) => line.host === host)
  const passedOn = new Set(own.map(({ id }) => id))
  const truth: TruthEvent[] = []
  const coldWaits: ColdWait[] = []
  const firsts: FirstOfFarm[] = []
  const workers: Worker[] = []
  const warmTimes = createWarmTimes()
  for (const { name, notes, requests } of nodes) {
    const direct = requests.filter((line) => line.host === host && !passedOn.has(line.id))
    const all = workersOf(name, notes, requests)
    workers.push(...all)
    for (const warm of direct.filter((line) => isWarm(line, all)))
      warmTimes.add(name, checkName, { firstByteMs: warm.tookMs })
    // The first worker was there before anybody looked.
    for (const worker of all.slice(1)) {
      const { recycle, first } = asTruth(worker, requests)
      truth.push(recycle)
      const line = firstOf(direct.filter(({ started }) => started === worker.token))
      if (line !== undefined) firsts.push({ node: name, worker, line })
      if (first === undefined) continue
      truth.push(first)
      coldWaits.push({ truth: first, endMs: first.atMs + first.ms, longestMs: line?.tookMs ?? 0 })
    }
  }
  const names = new Map(nodes.map(({ address, name }) => [address, name]))
  const errors = own.filter(isError).map((line) => errorTruth(line, names.get(line.node), workers, timeoutMs))
  const tokens = new Set(
    nodes.flatMap(({ requests }) =>
      requests.filter((line) => line.host === host).map((line) => line.started),
    ),
  )
  return {
    truth: [...truth, ...errors],
    witnessed: { tokens, coldWaits, warmTimes, ownFault: new Set() },
    firsts,
  }
}

/** Whether a worker answered that was warm before the request came, and stayed until after it. */
const isWarm = ({ atMs, tookMs, started, status }: NodeLine, workers: readonly Worker[]): boolean =>
  status === 200 &&
  workers.some(({ token, warmMs, endMs }) => token === started && warmMs <= atMs && endMs > atMs + tookMs)

/** Whether it is one that farmprobe explains. */
export const isError = ({ status }: BalancerLine): boolean => status >= 502 && status <= 504

/** The node is the one that the balancer says it asked; the cause is what became of that node meanwhile. */
function errorTruth(
  { id, atMs, tookMs, status }: BalancerLine,
  asked: string | undefined,
  workers: readonly Worker[],
  timeoutMs: number,
): BalancerErrorTruth {
  const met = { fromMs: atMs, toMs: atMs + tookMs }
  const isCold = workers.some((worker) => worker.node === asked && overlap(troubleOf(worker), met))
  const node = asked ?? 'balancer'
  const plain = {
    kind: 'balancer_error',
    atMs,
    id,
    status,
    node,
    nodes: [node],
    firstByteMs: tookMs,
  } as const
  // A new worker is a recycle and a cold start; which of the two words is used does not matter.
  if (isCold) return { ...plain, cause: 'cold_start', alsoRight: ['recycle'] }
  if (asked === undefined) return { ...plain, cause: 'balancer', alsoRight: [] }
  return { ...plain, cause: tookMs >= timeoutMs ? 'timeout' : 'node_down', alsoRight: [] }
}
