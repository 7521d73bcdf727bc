/** farmprobe as a process: `farmprobe run`, with Node's inspector open, and whatever is to be put around it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { nodeSettings } from '../../../test/support/processes/node_settings.ts'

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

export interface Launch {
  readonly configFile: string
  /** Of Node. */
  readonly nodeArgs?: readonly string[]
  /** Of farmprobe. */
  readonly args?: readonly string[]
  /** A command that ends by executing its further arguments in its own place. */
  readonly wrap?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly pid: number
  readonly inspectorUrl: string
  /** Of its own web server, without a path. */
  readonly url: string
  /** Everything it wrote so far, line by line, but for what the inspector says. */
  readonly lines: readonly string[]
  /** Resolves when it has ended, however. */
  readonly exit: Promise<Exit>
  /** Set once it has ended. */
  ended(): Exit | undefined
  signal(name: NodeJS.Signals): void
}

const inspectorWords = /^(Debugger (listening|attached|ending)|For help, see|Waiting for the debugger)/
const startMs = 20_000

/** Starts it and waits until it says where it listens; rejects with what it wrote when it does not. */
export async function startChild(launch: Launch): Promise<Child> {
  const { configFile, nodeArgs = [], args = [], wrap = [], env = {} } = launch
  const [command, ...before] = [...wrap, process.execPath]
  const node = [...nodeSettings, '--inspect=127.0.0.1:0', ...nodeArgs, main]
  const verb = ['run', '-c', configFile, '--log-format', 'json', ...args]
  const child = spawn(command, [...before, ...node, ...verb], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const lines: string[] = []
  const listening = Promise.withResolvers<string>()
  const serving = Promise.withResolvers<string>()
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', (line) => {
      const inspector = /^Debugger listening on (ws:\S+)/.exec(line)?.[1]
      if (inspector !== undefined) listening.resolve(inspector)
      if (line.includes('"msg":"farmprobe is running"'))
        serving.resolve((JSON.parse(line) as { url: string }).url)
      if (!inspectorWords.test(line)) lines.push(line)
    })
  let ended: Exit | undefined
  const exit: Promise<Exit> = once(child, 'close').then(([code, signal]) => {
    process.off('exit', kill)
    ended = { code, signal }
    return ended
  })
  const started = Promise.all([listening.promise, serving.promise])
  const tooEarly = Promise.race([exit, sleep(startMs, undefined, { ref: false })]).then(() => {
    throw new Error(`farmprobe did not start:\n${lines.join('\n')}`)
  })
  tooEarly.catch(() => {})
  const [inspectorUrl, url] = await Promise.race([started, tooEarly]).catch((error: unknown) => {
    kill()
    throw error
  })
  return {
    pid: child.pid as number,
    inspectorUrl,
    url,
    lines,
    exit,
    ended: () => ended,
    signal: (name) => void child.kill(name),
  }
}

/** Asks it to end, and ends it when it does not within `graceMs`. Returns how it ended and how long that took. */
export async function stopChild(
  child: Child,
  graceMs = 8000,
): Promise<{ readonly exit: Exit; readonly ms: number }> {
  const sinceMs = performance.now()
  child.signal('SIGTERM')
  const patience = new AbortController()
  const late = sleep(graceMs, undefined, { signal: patience.signal }).then(
    () => child.signal('SIGKILL'),
    () => {},
  )
  const exit = await child.exit
  patience.abort()
  await late
  return { exit, ms: performance.now() - sinceMs }
}
