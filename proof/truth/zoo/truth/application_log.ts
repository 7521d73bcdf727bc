/** What the zoo's applications write down about themselves: the same in every language. */

/** One line of it, as it stands in the file. All times are wall milliseconds. */
type ApplicationLine =
  | { readonly what: 'born'; readonly pid: number; readonly worker: string; readonly bornMs: number }
  | { readonly what: 'ready' | 'end'; readonly pid: number; readonly worker: string; readonly atMs: number }
  | RequestLine

interface RequestLine {
  readonly what: 'request'
  readonly pid: number
  readonly worker: string
  /** When it was done. */
  readonly atMs: number
  /** When it came to the application. */
  readonly cameMs: number
  /** Its X-Farmprobe-Id; empty where it carried none. */
  readonly id: string
  readonly path: string
  readonly status: number
}

export interface LoggedRequest {
  readonly id: string
  readonly path: string
  readonly cameMs: number
  readonly endMs: number
}

/** A worker as its application wrote it down. */
export interface LoggedWorker {
  /** What it shows as X-Worker. */
  readonly token: string
  readonly pid: number
  readonly bornMs: number
  /** Absent: it was never ready. */
  readonly readyMs?: number
  /** Absent: it noted no end. */
  readonly endMs?: number
  /** In the order in which they came. */
  readonly requests: readonly LoggedRequest[]
}

/**
 * The workers of one node, the oldest first.
 * @throws Error when a line is none that the applications write
 */
export function readApplicationLog(lines: readonly string[]): LoggedWorker[] {
  const workers = new Map<string, { -readonly [Key in keyof LoggedWorker]: LoggedWorker[Key] }>()
  const requests = new Map<string, LoggedRequest[]>()
  for (const [index, text] of lines.entries()) {
    const line = parsed(text, index)
    const { worker: token, pid } = line
    if (line.what === 'born') workers.set(token, { token, pid, bornMs: line.bornMs, requests: [] })
    const worker = workers.get(token)
    if (worker === undefined) throw new Error(`line ${index + 1}: ${token} was never born: ${text}`)
    if (line.what === 'ready') worker.readyMs = line.atMs
    if (line.what === 'end') worker.endMs = line.atMs
    if (line.what !== 'request') continue
    const { id, path, cameMs, atMs: endMs } = line
    requests.set(token, [...(requests.get(token) ?? []), { id, path, cameMs, endMs }])
  }
  return [...workers.values()]
    .map((worker) => ({
      ...worker,
      requests: (requests.get(worker.token) ?? []).sort((a, b) => a.cameMs - b.cameMs),
    }))
    .sort((a, b) => a.bornMs - b.bornMs)
}

function parsed(text: string, index: number): ApplicationLine {
  try {
    const line = JSON.parse(text) as ApplicationLine
    if (typeof line.worker === 'string' && ['born', 'ready', 'end', 'request'].includes(line.what))
      return line
  } catch {
    // Said below.
  }
  throw new Error(`line ${index + 1} is none that the zoo's applications write: ${text}`)
}
