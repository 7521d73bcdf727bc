/** What really happened on a node, from the application's own notes and its web server's access log. */
import type { FirstRequestTruth, RecycleTruth } from '../../../src/simulator/farm/true_events.ts'
import type { Window } from '../pairing.ts'
import type { NodeLine, Note } from './node.ts'

/** One start of the application, from the end of the one before until its own end. */
export interface Worker {
  readonly node: string
  /** When Application_Start was entered, as text: what X-Started shows. */
  readonly token: string
  /** When its process was started. */
  readonly processMs: number
  readonly startMs: number
  /** When everybody who had waited for it was answered; when Application_Start was over, if nobody was. */
  readonly warmMs: number
  /** When its application domain ended; infinite while it lives. */
  readonly endMs: number
  /** When the one before it ended; when its process was started, of the first. */
  readonly sinceMs: number
}

/** The workers of a node, the oldest first. */
export function workersOf(node: string, notes: readonly Note[], lines: readonly NodeLine[]): Worker[] {
  const workers: Worker[] = []
  for (const { what, started, atMs, processMs = atMs } of notes) {
    if (what !== 'start') continue
    const own = notes.filter((note) => note.started === started)
    const ended = own.find((note) => note.what === 'exit' || note.what === 'unload')
    const warm = own.find((note) => note.what === 'first') ?? own.find((note) => note.what === 'ready')
    workers.push({
      node,
      token: started,
      processMs,
      startMs: Number(started),
      warmMs: queueEndMs(
        warm?.atMs ?? atMs,
        lines.filter((line) => line.started === started),
      ),
      endMs: ended?.atMs ?? Number.POSITIVE_INFINITY,
      sinceMs: Math.min(workers.at(-1)?.endMs ?? processMs, processMs),
    })
  }
  return workers
}

/**
 * When the last of those who had to wait was answered: mod_mono lets them go one by one, and keeps who comes meanwhile
 * waiting as well, long after the application has served its first.
 */
function queueEndMs(servedMs: number, lines: readonly NodeLine[]): number {
  let endMs = servedMs
  for (const { atMs, tookMs } of [...lines].sort((a, b) => a.atMs - b.atMs)) {
    if (atMs > endMs) break
    if (tookMs >= aWaitMs) endMs = Math.max(endMs, atMs + tookMs)
  }
  return endMs
}

/** No warm answer takes so long. */
const aWaitMs = 500

/** Of several requests that waited for the same worker the one that came first, and so waited longest. */
export const firstOf = (lines: readonly NodeLine[]): NodeLine | undefined =>
  lines.reduce<NodeLine | undefined>(
    (first, line) => (first === undefined || line.atMs < first.atMs ? line : first),
    undefined,
  )

/**
 * From the end of the old worker, which keeps its last request waiting for `lingerMs`, until the new one was warm: who
 * asks meanwhile waits, or gets an error.
 */
export const troubleOf = ({ sinceMs, warmMs }: Worker): Window => ({
  fromMs: sinceMs - lingerMs,
  toMs: warmMs,
})

/** mod_mono sleeps a second after it has asked a worker to end. */
const lingerMs = 1200

/** A worker and its first request, in the words of the scores; it was asked for before its process was started. */
export function asTruth(
  { node, token, processMs, startMs, warmMs }: Worker,
  lines: readonly NodeLine[],
): { readonly recycle: RecycleTruth; readonly first: FirstRequestTruth | undefined } {
  const place = { node, app: '/' } as const
  const line = firstOf(lines.filter(({ started }) => started === token))
  const answeredMs = line === undefined ? warmMs : line.atMs + line.tookMs
  const recycle: RecycleTruth = {
    ...place,
    kind: 'recycle',
    atMs: Math.min(processMs, line?.atMs ?? processMs),
    cause: 'demand',
    servesMs: startMs,
    worker: 0,
    token,
    overlapped: false,
    preloaded: false,
    coldMs: answeredMs - Math.max(startMs, line?.atMs ?? startMs),
  }
  if (line === undefined) return { recycle, first: undefined }
  const first = { atMs: line.atMs, ms: line.tookMs, path: '/', of: 'worker', from: 'probe' } as const
  return { recycle, first: { ...place, ...first, kind: 'first_request' } }
}
