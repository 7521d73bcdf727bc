/**
 * The programs of one farm. None outlives the zoo: the kernel sends SIGTERM to a server whose starter ends, and processes
 * that a server leaves behind are found by an environment variable and killed by their pid.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { binaryPath } from '../../../../test/support/processes/binary_path.ts'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** The file for its standard output and error. */
  readonly output: string
  /** It is ready when this address accepts connections. */
  readonly listens?: { readonly host: string; readonly port: number }
  /** Opens a message channel to this process. */
  readonly channel?: boolean
}

export interface Running {
  readonly pid: number
  readonly child: ChildProcess
  signal(name: NodeJS.Signals): void
  /** Sends SIGTERM, and kills its process group after a grace time. */
  stop(): Promise<void>
}

export interface Programs extends AsyncDisposable {
  /** Starts a program in its own process group. Rejects with its last output when it ends before it is ready. */
  start(program: Program): Promise<Running>
  /** @throws Error with the last output of a program that has ended although nobody stopped it */
  assertRunning(): void
  /** Processor time of all programs so far, in seconds. */
  cpuSeconds(): number
}

const readyWithinMs = 60_000
const graceMs = 8000
/** The environment variable that marks the programs of one farm. */
const markName = 'FARMPROBE_ZOO'

export function startPrograms(): Programs {
  const mark = randomUUID()
  const running = new Map<Running, Program>()
  let spentSeconds = 0
  return {
    async start(program) {
      const child = launch(program, mark)
      const exited = once(child, 'exit')
      const process: Running = {
        pid: child.pid ?? 0,
        child,
        signal: (name) => void child.kill(name),
        async stop() {
          running.delete(process)
          spentSeconds += await end(child, exited)
        },
      }
      running.set(process, program)
      await ready(program, exited)
      return process
    },
    assertRunning() {
      for (const [{ child }, { command, output }] of running)
        if (hasEnded(child)) throw new Error(`${command} ended during the run:\n${tail(output)}`)
    },
    cpuSeconds: () => spentSeconds + marked(mark).reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.keys()].map((process) => process.stop()))
      for (let waitedMs = 0; marked(mark).length > 0; waitedMs += 100) {
        if (waitedMs >= 3000) for (const pid of marked(mark)) kill(pid)
        await sleep(100)
      }
    },
  }
}

function launch({ command, args, env, cwd, output, channel = false }: Program, mark: string): ChildProcess {
  const file = openSync(output, 'a')
  const prefixed = ['--pdeathsig', 'TERM', '--', binaryPath(command) ?? command, ...args]
  const child = spawn('setpriv', prefixed, {
    detached: true,
    stdio: ['ignore', file, file, ...(channel ? (['ipc'] as const) : [])],
    env: { ...process.env, ...env, [markName]: mark },
    ...(cwd === undefined ? {} : { cwd }),
  })
  closeSync(file)
  return child
}

async function ready({ command, output, listens }: Program, exited: Promise<unknown[]>): Promise<void> {
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${command} ended early (${String(code ?? signal)}):\n${tail(output)}`)
  })
  ended.catch(() => {})
  if (listens === undefined) return
  const { host, port } = listens
  const until = performance.now() + readyWithinMs
  while (!(await Promise.race([accepts(host, port), ended]))) {
    if (performance.now() > until)
      throw new Error(`${command} does not listen on ${host}:${port}:\n${tail(output)}`)
    await sleep(50)
  }
}

/** Whether an address accepts connections. */
async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const tail = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-20).join('\n')

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** Ends a program; returns the processor time of its whole run, in seconds. */
async function end(child: ChildProcess, exited: Promise<unknown>): Promise<number> {
  if (child.pid === undefined || hasEnded(child)) return 0
  const seconds = cpuSecondsOf(child.pid)
  child.kill('SIGTERM')
  // A stopped process acts on SIGTERM only after SIGCONT.
  child.kill('SIGCONT')
  if ((await Promise.race([exited, sleep(graceMs, 'late' as const, { ref: false })])) === 'late') {
    kill(-child.pid)
    await exited
  }
  return seconds
}

/** All processes with this mark in their environment: children inherit it. */
const marked = (mark: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/environ`).includes(`${markName}=${mark}`))
    .map(Number)

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

const ticksASecond = 100

/** Processor time of a process and of its children that have ended, in seconds. */
function cpuSecondsOf(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return Number.isFinite(ticks) ? ticks / ticksASecond : 0
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
