#!/usr/bin/env -S node --max-semi-space-size=2
/** The process edge: the only file that reads the arguments, writes the exit code and hears signals. */
import { enableCompileCache } from 'node:module'

enableCompileCache()
// Name look-ups block a thread of libuv's pool each; four are too few for a farm whose DNS is slow.
process.env['UV_THREADPOOL_SIZE'] ??= '64'

const { runCommandLine } = await import('./cli/command_line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
