import { systemClock } from '../../src/runtime/clock.ts'
import { createApp } from '../../src/web/app.ts'
import type { Ports } from '../../src/web/ports.ts'
import { quietLog } from './quiet_log.ts'
import { sampleFarm } from './sample_farm.ts'

/** What a service that runs one farm would give the web; no change is allowed unless a test adds it. */
export function samplePorts(changes: Partial<Ports> = {}): Ports {
  return {
    render: (accept) => ({
      contentType: 'text/plain; version=0.0.4',
      chunks: piecesOf(`accept ${accept}\n`),
    }),
    isReady: () => true,
    farms: () => [sampleFarm()],
    config: () => 'farms: []\n',
    events: () => [],
    ...changes,
  }
}

async function* piecesOf(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces
}

/** What time it is for the app below, in wall milliseconds. */
export const sampleNowMs = Date.parse('2026-02-03T04:05:06Z')

/** The web interface on such ports, to be asked with `request`. */
export function sampleApp(changes: Partial<Ports> = {}) {
  const clock = { ...systemClock, wallMs: () => sampleNowMs }
  return createApp({ ports: samplePorts(changes), version: '1.2.3', clock, log: quietLog().log })
}
