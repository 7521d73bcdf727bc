/**
 * The least that a prober can cost: a bare `node:net` loop that connects, writes a GET, reads to the end and times the
 * first byte. Arguments: port, targets, probes a second. Same grouping in time as the farms of the bench.
 */

import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { groups } from '../targets.ts'

const [port, targets, perSecond] = process.argv.slice(2).map(Number) as [number, number, number]
const intervalMs = (targets / perSecond) * 1000

let firstByteMs = 0

function probe(host: string): void {
  let sentMs = 0
  let first = true
  const socket = connect({ host, port, autoSelectFamily: false })
  socket.on('connect', () => {
    sentMs = performance.now()
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  })
  socket.on('data', () => {
    if (first) firstByteMs += performance.now() - sentMs
    first = false
  })
  socket.on('error', (error) => {
    throw error
  })
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
