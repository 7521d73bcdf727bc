/** Processes that a proof starts: measured from outside through /proc, and always ended. */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** Starts a program; what it says on stderr is shown when it ends before its time. */
export function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return watch(spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] }))
}

/** Starts a script of ours with a message channel, and waits until it says `ready`. */
export async function startPeer(
  script: URL,
  args: readonly string[],
  execArgv: readonly string[] = [],
): Promise<ChildProcess> {
  const child = watch(
    fork(script, args, { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
  )
  await Promise.race([once(child, 'message'), endedEarly(child)])
  return child
}

/** Ends a process and waits for it; one that ignores SIGTERM for 10 s is killed, and that is an error. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = sleep(10_000, 'late' as const, { ref: false })
  if ((await Promise.race([ended, late])) !== 'late') return
  child.kill('SIGKILL')
  throw new Error(`${child.spawnfile} (pid ${child.pid}) did not stop within 10 s of SIGTERM`)
}

/** Sends a question to a peer and waits for its answer. */
export async function ask<Answer>(child: ChildProcess, question: string): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(question)
  const [message] = await Promise.race([answer, endedEarly(child)])
  return message as Answer
}

const tickMicroseconds = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time that all threads of a process have used since its start, user and system, in microseconds. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in parentheses and may hold blanks: count from after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (line === null) throw new Error(`/proc/${pid}/status has no VmRSS line: is the process a zombie?`)
  return Number(line[1]) * 1024
}

/** How many descriptors a process has open. */
export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

export const threadsOf = (pid: number): number => readdirSync(`/proc/${pid}/task`).length

/** The names of its threads, each cut after 15 characters; a thread that ends meanwhile is left out. */
export const threadNamesOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((id) => {
    try {
      return [readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trimEnd()]
    } catch {
      return []
    }
  })

/** The process id of a running child. */
export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} did not start`)
  return child.pid
}

interface Watched {
  /** The end of what it said on stderr. */
  said: string
  /** Rejects when it ends. */
  readonly ended: Promise<never>
}

const watched = new WeakMap<ChildProcess, Watched>()

/** Rejects, with what it said, when the process ends: for racing with something that it is to do before. */
export function endedEarly(child: ChildProcess): Promise<never> {
  const watch = watched.get(child)
  if (watch === undefined) throw new Error(`${child.spawnfile} was not started here`)
  return watch.ended
}

function watch(child: ChildProcess): ChildProcess {
  // However the proof ends, no process of it is left running.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit').then(
    ([code, signal]) => {
      process.off('exit', kill)
      throw new Error(`${child.spawnargs.join(' ')} ended early (${code ?? signal}):\n${state.said}`)
    },
    (error: unknown) => {
      process.off('exit', kill)
      throw new Error(`${child.spawnfile} cannot be started`, { cause: error })
    },
  )
  // Nobody waits for the end of one that ends when it should.
  ended.catch(() => {})
  const state: Watched = { said: '', ended }
  watched.set(child, state)
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    state.said = `${state.said}${text}`.slice(-4000)
  })
  return child
}

/** Waits until a process answers an HTTP request with 2xx; rejects when it ends first, or after 30 s. */
export async function untilAnswering(child: ChildProcess, url: string): Promise<void> {
  const givingUpMs = performance.now() + 30_000
  const ended = endedEarly(child)
  while (!(await Promise.race([answers(url), ended]))) {
    if (performance.now() > givingUpMs) throw new Error(`${url} did not answer within 30 s`)
    await sleep(50)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
