#!/usr/bin/env node
/**
 * A checkout runs its sources, an installed package what was built of them. Node starts anew, as the same process, with
 * the settings that main.ts names: not every `env` can hand them over (Alpine's cannot). Windows knows no such start, and
 * goes without them.
 */
import { existsSync } from 'node:fs'
import process from 'node:process'

const environment = { MALLOC_MMAP_THRESHOLD_: '32768' }
const settings = ['--max-semi-space-size=4', '--v8-pool-size=1']
const { argv, env, execArgv, execPath, platform, versions } = process
// npm installs the package for an older Node too, with no more than a warning.
if (Number.parseInt(versions.node) < 24) {
  process.stderr.write(
    `farmprobe needs Node 24 or later, and this is Node ${versions.node}; in a checkout, npx farmprobe takes the one that npm ci installed\n`,
  )
  process.exit(2)
}
if (platform !== 'win32' && settings.some((each) => !execArgv.includes(each)))
  process.execve(execPath, [execPath, ...settings, ...execArgv, ...argv.slice(1)], { ...environment, ...env })

const sources = new URL('../src/main.ts', import.meta.url)
await import(existsSync(sources) ? sources.href : '../dist/farmprobe.js')
