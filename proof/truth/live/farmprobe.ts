/** farmprobe as users run it: `farmprobe run` on a configuration file, asked over HTTP for what happened. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FarmEvent } from '../../../src/model/event.ts'
import { nodeSettings } from '../../../test/support/processes/node_settings.ts'
import { parseExposition, total } from '../../../test/support/rules/exposition.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'
import { start, stop } from '../../bench/children.ts'
import { untilAnswering } from '../../bench/prober.ts'

/** An event as the API tells it: with an id of its own, and the probe's under another name. */
type ToldEvent = FarmEvent & { readonly id: string; readonly probe?: string }

const asHappened = (event: ToldEvent): FarmEvent =>
  event.kind === 'balancer_error' ? { ...event, id: event.probe ?? event.id } : event

export interface RunningFarmprobe extends AsyncDisposable {
  /** Everything told so far. */
  events(): Promise<FarmEvent[]>
  /** The sum of a metric's samples. */
  total(metric: string): Promise<number>
}

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

/** Starts it with these farms, each as a user would write it. */
export async function startFarmprobe(farms: readonly object[]): Promise<RunningFarmprobe> {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-truth-'))
  const file = join(folder, 'farmprobe.yaml')
  const listen = `127.0.0.1:${await freePort()}`
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ web: { listen }, journal: { path: join(folder, 'journal.db') }, farms }),
  )
  const child = start(process.execPath, [...nodeSettings, main, 'run', '-c', file, '--log-level', 'warn'])
  await untilAnswering(child, `http://${listen}/-/healthy`)
  return {
    async events() {
      const response = await fetch(`http://${listen}/api/v1/events?limit=10000`)
      if (!response.ok) throw new Error(`/api/v1/events answered ${response.status}`)
      const { events } = (await response.json()) as { events: ToldEvent[] }
      return events.map(asHappened)
    },
    async total(metric) {
      const text = await (await fetch(`http://${listen}/metrics`)).text()
      return total(parseExposition(text), metric)
    },
    async [Symbol.asyncDispose]() {
      await stop(child)
      rmSync(folder, { recursive: true })
    },
  }
}
