/** farmprobe in its own process, watching one farm; all its outcomes and events are kept. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeSettings } from '../../../../test/support/processes/node_settings.ts'
import type { ProberBatch } from '../peers/prober_peer.ts'
import type { Programs } from './processes.ts'

export interface RunningProber {
  readonly outcomes: ProberBatch['outcomes']
  readonly events: ProberBatch['events']
  signal(name: NodeJS.Signals): void
}

const peer = fileURLToPath(new URL('../peers/prober_peer.ts', import.meta.url))

/** Starts it with a configuration as a user would write it; resolves when it probes. */
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
  const outcomes: ProberBatch['outcomes'][number][] = []
  const events: ProberBatch['events'][number][] = []
  child.on('message', (batch: ProberBatch) => {
    outcomes.push(...batch.outcomes)
    events.push(...batch.events)
  })
  return { outcomes, events, signal }
}

function endedEarly(folder: string): never {
  throw new Error(`farmprobe ended early: see ${folder}/farmprobe.output`)
}
