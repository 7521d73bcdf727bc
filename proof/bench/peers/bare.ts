/**
 * The least that a prober can cost: a bare loop on `node:net` or, with one shared context, `node:tls` that connects, writes
 * a GET, reads the answer and times the first byte. Arguments: port, targets, probes a second, and `close`, `keep` (each
 * target's connection) or the file of the authority that its certificate is verified by. Same grouping in time as the farms
 * of the bench.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { groups } from '../targets.ts'
import { tlsName } from '../traffic.ts'

const [port, targets, perSecond] = process.argv.slice(2, 5).map(Number) as [number, number, number]
const [, , , , , mode = 'close'] = process.argv
const intervalMs = (targets / perSecond) * 1000
const isPlain = mode === 'close' || mode === 'keep'
const secureContext = isPlain ? undefined : createSecureContext({ ca: readFileSync(mode) })
const close = mode === 'keep' ? '' : 'Connection: close\r\n'

let firstByteMs = 0
const kept = new Map<string, Socket>()

function open(host: string): Socket {
  const target = { host, port, autoSelectFamily: false }
  return secureContext ? connectTls({ ...target, secureContext, servername: tlsName }) : connect(target)
}

function probe(host: string): void {
  const known = kept.get(host)
  const socket = known ?? open(host)
  let sentMs = 0
  const ask = () => {
    sentMs = performance.now()
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`)
  }
  socket.once('data', () => {
    firstByteMs += performance.now() - sentMs
    // The rest is read and forgotten.
    socket.resume()
  })
  if (known) return ask()
  socket.on(secureContext ? 'secureConnect' : 'connect', ask)
  socket.on('error', (error) => {
    throw error
  })
  if (mode === 'keep') kept.set(host, socket)
}

/** On a fixed grid: a late turn does not shift those after it. */
function keepProbing(hosts: readonly string[], dueMs: number): void {
  setTimeout(
    () => {
      for (const host of hosts) probe(host)
      keepProbing(hosts, dueMs + intervalMs)
    },
    Math.max(0, dueMs - performance.now()),
  )
}

const all = groups(targets)
for (const [index, hosts] of all.entries())
  keepProbing(hosts, performance.now() + (index / all.length) * intervalMs)

process.once('SIGTERM', () => {
  if (firstByteMs === 0) process.exitCode = 1
  process.exit()
})
process.send?.('ready')
