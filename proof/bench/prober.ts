import type { ChildProcess } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { endedEarly } from './children.ts'

/** Something that probes the targets at a steady rate, in a process of its own. */
export interface Prober extends AsyncDisposable {
  readonly pid: number
  /** Of its own web server, without a path, where it has one that is scraped. */
  readonly url?: string
}

/** Waits until a process answers an HTTP request with 2xx; rejects when it ends first, or after 30 s. */
export async function untilAnswering(child: ChildProcess, url: string): Promise<void> {
  const givingUpMs = performance.now() + 30_000
  const ended = endedEarly(child)
  while (!(await Promise.race([answers(url), ended]))) {
    if (performance.now() > givingUpMs) throw new Error(`${url} did not answer within 30 s`)
    await sleep(50)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
