#!/usr/bin/env -S node --max-semi-space-size=4 --v8-pool-size=1
/**
 * The process edge: the only file that reads the arguments, writes the exit code and hears signals. What the first line
 * sets for Node: a small young generation, which saves memory; and one helper of the garbage collector, since
 * four take the cores from the probers while a large scrape is written.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache()
// The kernel drops a signal to PID 1 that has no listener there. In a container these end farmprobe even so: while it
// starts, and when the first one, which a verb listens for, was not enough.
if (process.pid === 1)
  for (const [signal, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const])
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number)
    })
// Name look-ups block a thread of libuv's pool each; four are too few for a farm whose DNS is slow.
process.env['UV_THREADPOOL_SIZE'] ??= '64'

const { runCommandLine } = await import('./cli/command_line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
