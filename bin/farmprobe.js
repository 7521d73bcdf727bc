#!/usr/bin/env -S node --max-semi-space-size=4 --v8-pool-size=1
/** A checkout runs its sources, an installed package what was built of them. */
import { existsSync } from 'node:fs'

const sources = new URL('../src/main.ts', import.meta.url)
await import(existsSync(sources) ? sources.href : '../dist/farmprobe.js')
