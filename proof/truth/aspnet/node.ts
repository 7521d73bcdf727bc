/** One node: an Apache of its own whose mod_mono runs the ASP.NET application in a mono process, and restarts it. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { accessLog, apacheBase } from '../../../test/support/processes/balancer_files.ts'
import { binaryPath } from '../../../test/support/processes/binary_path.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'
import { startServer } from './server.ts'

/** What mod_mono ends the application for; the next request starts it anew. */
type Restart =
  | { readonly after: 'requests'; readonly requests: number }
  | { readonly after: 'time'; readonly seconds: number }

export interface NodePlan {
  readonly name: string
  readonly restart: Restart
}

/** What the application noted about itself. */
export interface Note {
  /** `exit` and `unload`: the application domain ends, with its process or without. */
  readonly what: 'start' | 'ready' | 'first' | 'end' | 'exit' | 'unload'
  readonly atMs: number
  /** When Application_Start was entered: the identity that is shown in X-Started. */
  readonly started: string
  /** With `start`: when its process was started. */
  readonly processMs?: number
}

/** A request in the node's own access log. */
export interface NodeLine {
  readonly atMs: number
  /** How long the node took, Apache's `%{us}T`, in milliseconds. */
  readonly tookMs: number
  readonly status: number
  readonly id: string
  readonly host: string
  /** The X-Started of its answer; empty when the application gave none. */
  readonly started: string
}

export interface AspnetNode extends AsyncDisposable {
  readonly name: string
  /** `127.0.0.1:port` */
  readonly address: string
  notes(): Note[]
  requests(): NodeLine[]
}

const application = fileURLToPath(new URL('app', import.meta.url))

const monoServer = 'mod-mono-server4'

/** The programs that a node needs. */
export const nodePrograms = ['apache2', monoServer, 'setpriv', 'timeout']

export interface Around {
  /** A folder that anybody may enter; the node makes its own in it. */
  readonly folder: string
  /** How long Application_Start takes, in milliseconds. */
  readonly startMs: number
  /** However this ends: no mono process lives longer. */
  readonly longestMs: number
}

export async function startNode({ name, restart }: NodePlan, around: Around): Promise<AspnetNode> {
  const dir = join(around.folder, name)
  const port = await freePort()
  const places = placesIn(dir)
  prepare(places, around)
  writeFileSync(places.config, apacheNode({ restart, port, dir, places, startMs: around.startMs }))
  const args = ['-DFOREGROUND', '-f', places.config]
  const apache = await startServer({ command: 'apache2', args, port, output: join(dir, 'output') }).catch(
    async (error: unknown) => {
      await endOf(places.socket)
      throw error
    },
  )
  return {
    name,
    address: `127.0.0.1:${port}`,
    notes: () => linesOf(places.notes).map((line) => JSON.parse(line) as Note),
    requests: () => linesOf(join(dir, accessLog)).flatMap(nodeLine),
    async [Symbol.asyncDispose]() {
      await apache[Symbol.asyncDispose]()
      await endOf(places.socket)
    },
  }
}

type Places = ReturnType<typeof placesIn>

const placesIn = (dir: string) => ({
  config: join(dir, 'httpd.conf'),
  app: join(dir, 'app'),
  server: join(dir, 'server'),
  /** Of whom mono runs as: what it compiles, and the socket on which Apache speaks with it. */
  own: join(dir, 'own'),
  socket: join(dir, 'own', 'mono.sock'),
  notes: join(dir, 'own', 'notes'),
})

/** mod_mono starts mono in a session of its own: `timeout` ends one that is left behind. */
function prepare({ app, own, server }: Places, { longestMs }: Around): void {
  mkdirSync(own, { recursive: true })
  chmodSync(own, 0o777)
  cpSync(application, app, { recursive: true })
  const command = `exec timeout ${Math.ceil(longestMs / 1000)} ${binaryPath(monoServer)} "$@"`
  writeFileSync(server, `#!/bin/sh\n${command}\n`, { mode: 0o755 })
}

const format = '%{begin:msec}t %{us}T %>s %{X-Farmprobe-Id}i %{Host}i %{X-Started}o'

interface Told {
  readonly restart: Restart
  readonly port: number
  readonly dir: string
  readonly places: Places
  readonly startMs: number
}

/** mod_mono names its lock and its counters by the alias alone: two servers with one alias would wait for each other. */
const aliasOf = (dir: string): string => dir.split('/').slice(-3).join('-')

function apacheNode({ restart, port, dir, places, startMs }: Told): string {
  const alias = aliasOf(dir)
  const directives = {
    ServerPath: places.server,
    UnixSocket: places.socket,
    Applications: `/:${places.app}`,
    WapiDir: places.own,
    // Everybody who waits for a start takes a thread, which the start itself needs: beyond these come two a second.
    MinThreads: 250,
    SetEnv: `ASPNET_TRUTH=${places.notes};ASPNET_START_MS=${startMs};TMPDIR=${places.own}`,
    ...restartDirectives(restart),
  }
  return `
${apacheBase({ port, dir }, ['mime', 'mono'], format)}
TypesConfig /etc/mime.types
DocumentRoot ${places.app}
<Directory ${places.app}>
  Require all granted
</Directory>
${Object.entries(directives)
  .map(([directive, value]) => `Mono${directive} ${alias} "${value}"`)
  .join('\n')}
<Location />
  SetHandler mono
  MonoSetServerAlias ${alias}
</Location>
`
}

function restartDirectives(restart: Restart): Readonly<Record<string, string | number>> {
  if (restart.after === 'requests')
    return { AutoRestartMode: 'Requests', AutoRestartRequests: restart.requests }
  const { seconds } = restart
  // Days, hours, minutes, seconds.
  return { AutoRestartMode: 'Time', AutoRestartTime: `0:0:${Math.floor(seconds / 60)}:${seconds % 60}` }
}

/** The last line may still be in the writing. */
const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []

function nodeLine(line: string): NodeLine[] {
  const [atMs, tookUs, status, id = '-', host = '', started = '-'] = line.split(' ')
  if (id === '-') return []
  const shown = started === '-' ? '' : started
  return [
    { atMs: Number(atMs), tookMs: Number(tookUs) / 1000, status: Number(status), id, host, started: shown },
  ]
}

/** Apache has asked mono to end: one that has not after a while is killed. Nobody else's has this socket. */
async function endOf(socket: string): Promise<void> {
  for (let waitedMs = 0; serving(socket).length > 0; waitedMs += 100) {
    if (waitedMs > 5000) for (const pid of serving(socket)) process.kill(pid, 'SIGKILL')
    await sleep(100)
  }
}

/** The processes that were told to serve on this socket. */
function serving(socket: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => commandOf(pid).includes(socket)).map(Number)
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
