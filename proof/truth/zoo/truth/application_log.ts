/** The log of the zoo's applications; its format is the same in every language. */

/** A line of the log. All times are wall milliseconds. */
type ApplicationLine =
  | { readonly what: 'born'; readonly pid: number; readonly worker: string; readonly bornMs: number }
  | { readonly what: 'ready' | 'end'; readonly pid: number; readonly worker: string; readonly atMs: number }
  | RequestLine

interface RequestLine {
  readonly what: 'request'
  readonly pid: number
  readonly worker: string
  /** The end of the request. */
  readonly atMs: number
  /** When the application received the request. */
  readonly cameMs: number
  /** Its X-Farmprobe-Id; empty for a request without. */
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

/** A worker as its application logged it. */
export interface LoggedWorker {
  /** The value of X-Worker. */
  readonly token: string
  readonly pid: number
  readonly bornMs: number
  /** Absent when it never became ready. */
  readonly readyMs?: number
  /** Absent when it logged no end. */
  readonly endMs?: number
  /** In the order in which the application received them. */
  readonly requests: readonly LoggedRequest[]
}

/**
 * Reads the workers of one node, oldest first.
 * @throws Error for a line that no application of the zoo writes
 */
export function readApplicationLog(lines: readonly string[]): LoggedWorker[] {
  const workers = new Map<string, { -readonly [Key in keyof LoggedWorker]: LoggedWorker[Key] }>()
  const requests = new Map<string, LoggedRequest[]>()
  for (const [index, text] of lines.entries()) {
    const line = parsed(text, index)
    const { worker: token, pid } = line
    if (line.what === 'born') workers.set(token, { token, pid, bornMs: line.bornMs, requests: [] })
    const worker = workers.get(token)
    if (worker === undefined) throw new Error(`line ${index + 1}: ${token} has no line "born": ${text}`)
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
    // Reported below.
  }
  throw new Error(`line ${index + 1} is not a line of a zoo application: ${text}`)
}
