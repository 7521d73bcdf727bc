#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=32768 node --max-semi-space-size=4 --v8-pool-size=1
/**
 * Reads the arguments and writes the exit code. The first line sets for Node a small young generation, which saves
 * memory, and one helper thread of the garbage collector: four take the cores from the probers while a large scrape is
 * written. From glibc each piece of 32 KiB, as V8's compilers take them, comes by itself and is given back when it is
 * free: 14 MiB less.
 */
import { prepareCode } from './runtime/prepare_code.ts'
import { startAhead } from './runtime/thread_ahead.ts'

if (process.argv[2] === 'run') {
  // Without a handler SIGHUP ends a process, also one that is only about to read its configuration. On Windows it shall.
  if (process.platform !== 'win32') process.on('SIGHUP', () => undefined)
  // `kill -HUP $(pidof farmprobe)` finds a process by its title.
  process.title = 'farmprobe'
}
prepareCode()
// The kernel drops a signal to PID 1 that has no handler. In a container these end farmprobe even so: while it starts,
// and at a second signal, after the first one that a verb handles.
if (process.pid === 1)
  for (const [signal, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const])
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number)
    })
// A log that cannot be written, as to a full disk, ends nothing: probing goes on, and later lines are tried again.
process.stderr.on('error', () => undefined)
// Whoever reads the output may end first, as `head` does. A verb then goes on to its end and its exit code; one that would
// go on for ever, as `demo`, is stopped. Data that cannot be written is a failure.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') {
    process.emit('SIGTERM')
    return
  }
  process.stderr.write(`standard output cannot be written: ${message}\n`)
  process.exit(2)
})
// Each name look-up blocks a thread of libuv's pool; four are too few for a farm whose DNS is slow.
process.env['UV_THREADPOOL_SIZE'] ??= '64'
// The first prober loads its code while the rest of farmprobe loads.
if (process.argv[2] === 'run') startAhead(new URL('./service/prober_entry.ts', import.meta.url), 'prober 0')

const { runCommandLine } = await import('./cli/command_line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
