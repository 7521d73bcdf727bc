/**
 * The zoo's application for Node: a cluster of two workers. It logs its own life cycle and every request as JSON lines; see
 * README.md. SIGHUP makes the primary restart all workers, SIGUSR2 makes one worker crash.
 */
import cluster from 'node:cluster'
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const { ZOO_NODE = '', ZOO_LOG = '', ZOO_COLD_MS, ZOO_SLOW_MS, ZOO_HOST, ZOO_PORT } = process.env
const workers = 2

const all = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)

function supervise(): void {
  for (let count = 0; count < workers; count++) cluster.fork()
  cluster.on('exit', () => cluster.fork())
  process.on('SIGHUP', () => {
    for (const worker of all()) worker.kill()
  })
  process.on('SIGUSR2', () => all()[0]?.send('fail'))
  process.on('SIGTERM', () => process.exit(0))
}

async function serve(): Promise<void> {
  const log = openSync(ZOO_LOG, 'a')
  const bornMs = performance.timeOrigin
  const worker = `${process.pid}-${Math.floor(bornMs)}`
  const logLine = (what: string, more: object = {}) => {
    const atMs = performance.timeOrigin + performance.now()
    writeSync(log, `${JSON.stringify({ what, atMs, pid: process.pid, worker, ...more })}\n`)
  }
  logLine('born', { bornMs })
  process.on('exit', () => logLine('end'))
  process.on('SIGTERM', () => process.exit(0))
  process.on('message', () => {
    throw new Error('an error that nobody handles')
  })
  process.on('disconnect', () => process.exit(0))
  // Stands for what applications do when they start: load code, fill caches, open connections.
  await sleep(Number(ZOO_COLD_MS))
  const server = createServer((request, response) => {
    const cameMs = performance.timeOrigin + performance.now()
    const { pathname: path } = new URL(request.url ?? '/', 'http://zoo.test')
    const usualMs = path.startsWith('/report') ? Number(ZOO_SLOW_MS) : 6
    setTimeout(
      () => {
        const id = String(request.headers['x-farmprobe-id'] ?? '')
        logLine('request', { cameMs, id, path, status: 200 })
        response.setHeader('Content-Type', 'text/html')
        response.setHeader('X-Worker', worker).setHeader('X-Node', ZOO_NODE)
        response.end('<html><body><h1>Welcome</h1></body></html>\n')
      },
      usualMs * (0.7 + Math.random() * 0.6),
    )
  })
  server.listen(Number(ZOO_PORT), ZOO_HOST, () => logLine('ready'))
}

if (cluster.isPrimary) supervise()
else await serve()
