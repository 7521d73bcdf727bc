/** A server of the proof. However the process that started it ends, the kernel ends the server with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { binaryPath } from '../../../test/support/processes/binary_path.ts'
import { accepts } from '../../../test/support/servers/loopback_port.ts'

interface Start {
  readonly command: string
  readonly args: readonly string[]
  /** It is ready once this port of 127.0.0.1 accepts connections. */
  readonly port: number
  /** The file that takes what it writes to its standard output and error. */
  readonly output: string
}

const readyWithinMs = 15_000
/** Apache asks its mono server to end, and waits a moment for it. */
const graceMs = 10_000

/** Starts a server in a process group of its own and waits until it listens. */
export async function startServer({ command, args, port, output }: Start): Promise<AsyncDisposable> {
  const file = openSync(output, 'a')
  const asked = ['--pdeathsig', 'TERM', '--', binaryPath(command) ?? command, ...args]
  const child = spawn('setpriv', asked, { detached: true, stdio: ['ignore', file, file] })
  closeSync(file)
  const exited = once(child, 'exit')
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${command} ended early (${code ?? signal}):\n${readFileSync(output, 'utf8')}`)
  })
  ended.catch(() => {})
  try {
    await Promise.race([listening(port), ended])
  } catch (error) {
    await stop(child, exited)
    throw error
  }
  return { [Symbol.asyncDispose]: () => stop(child, exited) }
}

async function listening(port: number): Promise<void> {
  const givingUpMs = performance.now() + readyWithinMs
  while (!(await accepts(port))) {
    if (performance.now() > givingUpMs) throw new Error(`nothing listens on port ${port}`)
    await sleep(50)
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  if ((await Promise.race([exited, sleep(graceMs, 'late' as const, { ref: false })])) !== 'late') return
  process.kill(-(child.pid as number), 'SIGKILL')
  await exited
}
