/** farmprobe in a process of its own, watching one farm; everything it sees and tells is kept. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeSettings } from '../../../../test/support/processes/node_settings.ts'
import type { Heard } from '../peers/prober_peer.ts'
import type { Programs } from './processes.ts'

export interface RunningProber {
  readonly outcomes: Heard['outcomes']
  readonly events: Heard['events']
  signal(name: NodeJS.Signals): void
}

const peer = fileURLToPath(new URL('../peers/prober_peer.ts', import.meta.url))

/** Starts it with a configuration as a user would write it, and waits until it probes. */
export async function startProber(
  config: object,
  folder: string,
  programs: Programs,
): Promise<RunningProber> {
  const file = join(folder, 'farmprobe.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config))
  const { child, signal } = await programs.start({
    command: process.execPath,
    args: [...nodeSettings, peer, file],
    output: join(folder, 'farmprobe.output'),
    channel: true,
  })
  await Promise.race([once(child, 'message'), once(child, 'exit').then(() => endedEarly(folder))])
  const outcomes: Heard['outcomes'][number][] = []
  const events: Heard['events'][number][] = []
  child.on('message', (heard: Heard) => {
    outcomes.push(...heard.outcomes)
    events.push(...heard.events)
  })
  return { outcomes, events, signal }
}

function endedEarly(folder: string): never {
  throw new Error(`farmprobe ended early: see ${folder}/farmprobe.output`)
}
