import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { accepts } from '../servers/loopback_port.ts'

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that runs beside the test, in a process group of its own. */
export interface RealProcess extends AsyncDisposable {
  readonly pid: number
  /** Every line it has written so far, as it came. */
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  readonly exit: Promise<Exit>
  signal(name: NodeJS.Signals): void
  /** The first line, already written or yet to come, on either stream, that matches. */
  line(pattern: RegExp, withinMs?: number): Promise<string>
  /** Asks it to end with SIGTERM and, when it has not after the grace time, ends its whole group. */
  stop(): Promise<Exit>
}

interface Start {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** It is ready once this port of 127.0.0.1 accepts connections. */
  readonly port?: number
}

const graceMs = 6000
const running = new Map<number, string>()

// A test that fails half way, or a worker that dies, must leave no server behind.
process.on('exit', () => {
  for (const pid of running.keys()) endGroup(pid)
})

/** Ends every program that still runs, and says which they were. */
export function endLeftProcesses(): string[] {
  const left = [...running.values()]
  for (const pid of running.keys()) endGroup(pid)
  running.clear()
  return left
}

/** Starts a program and waits until it is ready. Rejects with what it wrote when it ends before that. */
export async function startProcess(start: Start): Promise<RealProcess> {
  const child = spawn(start.command, start.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...start.env },
    ...(start.cwd === undefined ? {} : { cwd: start.cwd }),
  })
  await once(child, 'spawn')
  const started = follow(child, start)
  if (start.port === undefined) return started
  try {
    await ready(started, start.port)
    return started
  } catch (error) {
    await started.stop()
    throw error
  }
}

function follow(child: ChildProcess, start: Start): RealProcess {
  const pid = child.pid as number
  running.set(pid, `${start.command} ${start.args.join(' ')} (pid ${pid})`)
  const heard = new EventEmitter()
  const stdout = collect(child.stdout, heard)
  const stderr = collect(child.stderr, heard)
  const exit: Promise<Exit> = once(child, 'close').then(([code, signal]) => {
    running.delete(pid)
    return { code, signal }
  })
  const signal = (name: NodeJS.Signals) => void process.kill(pid, name)
  const stop = () => stopGroup(pid, exit)
  const line = (pattern: RegExp, withinMs = 15_000) => nextLine(heard, [stdout, stderr], pattern, withinMs)
  return {
    pid,
    stdout,
    stderr,
    exit,
    signal,
    line,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

function collect(stream: NodeJS.ReadableStream | null, heard: EventEmitter): string[] {
  const lines: string[] = []
  if (stream === null) return lines
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line)
    heard.emit('line', line)
  })
  return lines
}

async function nextLine(
  heard: EventEmitter,
  had: string[][],
  pattern: RegExp,
  withinMs: number,
): Promise<string> {
  const signal = AbortSignal.timeout(withinMs)
  for (;;) {
    // Several lines may come at once: look through all of them, not at the one that woke us.
    const found = had.flat().find((line) => pattern.test(line))
    if (found !== undefined) return found
    await once(heard, 'line', { signal }).catch((error: unknown) => {
      const last = had.flat().slice(-20).join('\n')
      throw new Error(`${withinMs} ms passed without a line like ${pattern}; the last:\n${last}`, {
        cause: error,
      })
    })
  }
}

async function ready(started: RealProcess, port: number): Promise<void> {
  const ended = started.exit.then(({ code, signal }) => {
    const wrote = [...started.stdout, ...started.stderr].join('\n')
    throw new Error(`ended before it was ready (${code ?? signal}):\n${wrote}`)
  })
  await Promise.race([ended, eventually(`a listener on port ${port}`, () => accepts(port), Boolean)])
  ended.catch(() => {})
}

async function stopGroup(pid: number, exit: Promise<Exit>): Promise<Exit> {
  if (!running.has(pid)) return exit
  process.kill(pid, 'SIGTERM')
  const grace = new AbortController()
  const late = delay(graceMs, 'late' as const, { signal: grace.signal }).catch(() => 'stopped' as const)
  if ((await Promise.race([exit, late])) === 'late') endGroup(pid)
  grace.abort()
  return exit
}

/** The group: a server's workers must not outlive its master. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
