/** Reads the configuration that is its argument, and prints how long that took and what memory it needed at most. */
import { performance } from 'node:perf_hooks'
import { loadConfig } from '../../../src/config/load_config.ts'
import { ofShard } from '../../../src/schedule/shard_assignment.ts'

const [, , file = ''] = process.argv
const sinceMs = performance.now()
const result = await loadConfig(file, {})
if (!result.ok) throw new Error(`${file}: ${result.problems.length} problems`)
const farms = ofShard(result.config, { index: 0, count: 100 }).farms.length
const tookMs = performance.now() - sinceMs
process.stdout.write(JSON.stringify({ farms, tookMs, mostKiB: process.resourceUsage().maxRSS }))
