/**
 * Runs around every test file. Files share a process, so what one leaves behind another would meet: a server, a thread
 * or a process that still runs, or a setting of the process that is not as it was.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import { afterAll } from 'vitest'
import { eventually } from './eventually.ts'
import { endLeftProcesses } from './processes/real_process.ts'

/** Node's names for servers, watched files and child processes. */
const running = new Set(['TCPServerWrap', 'PipeServerWrap', 'FSEventWrap', 'StatWatcher', 'ProcessWrap'])
const threads = new Set<Worker>()

function onThread(message: unknown): void {
  const { worker } = message as { worker: Worker }
  threads.add(worker)
  worker.once('exit', () => threads.delete(worker))
}

/** The state of the process in lines. */
function state(): Set<string> {
  const kinds = process.getActiveResourcesInfo().filter((name) => running.has(name))
  return new Set([
    ...Map.groupBy(kinds, String)
      .values()
      .map((all) => `${all.length} ${all[0]}`),
    `${threads.size} threads`,
    ...process.eventNames().map((name) => `${process.listenerCount(name)} listeners to ${String(name)}`),
    ...Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
    `in ${process.cwd()}, exit code ${process.exitCode}`,
  ])
}

const before = state()
subscribe('worker_threads', onThread)

const differences = () => [...before.symmetricDifference(state())]

afterAll(async () => {
  const left = endLeftProcesses()
  const ended = eventually('an end', differences, ({ length }) => length === 0, 3000)
  left.push(...(await ended.catch(differences)))
  unsubscribe('worker_threads', onThread)
  if (left.length > 0) throw new Error(`this file leaves behind: ${left.join(', ')}`)
})
