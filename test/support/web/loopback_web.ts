import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { Ports } from '../../../src/web/web_ports.ts'
import { startWeb, type Web, type WebOptions } from '../../../src/web/web_server.ts'
import { quietLog } from '../quiet_log.ts'
import { samplePorts } from './sample_web.ts'

/** The web interface on a loopback port; it ends with the test. */
export async function loopbackWeb({
  ports = {},
  ...options
}: Partial<Omit<WebOptions, 'ports'>> & { readonly ports?: Partial<Ports> } = {}): Promise<Web> {
  const web = await startWeb({
    host: '127.0.0.1',
    port: 0,
    version: '1.2.3',
    clock: systemClock,
    log: quietLog().log,
    ports: samplePorts(ports),
    ...options,
  })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= web.close())
  onTestFinished(close)
  return { ...web, close }
}

/** A port that renders metrics without an end; `over` is called when nobody reads them any more. */
export const endlessMetrics = (over: () => void = () => undefined): Pick<Ports, 'render'> => ({
  render: () => ({ contentType: 'text/plain', chunks: endless(over) }),
})

async function* endless(over: () => void): AsyncGenerator<string> {
  try {
    for (let i = 0; ; i++) yield `${i} ${Math.sin(i)}\n`.repeat(1000)
  } finally {
    over()
  }
}
