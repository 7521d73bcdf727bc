/** The real blackbox_exporter, driven as Prometheus drives it: one GET of /probe for each probe. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../test/support/servers/loopback_port.ts'
import { pidOf, start, stop, untilAnswering } from '../processes.ts'
import type { Prober } from './farmprobe.ts'
import { groups } from './targets.ts'
import { intervalMsOf, type Traffic, tlsName } from './traffic.ts'

const program = 'prometheus-blackbox-exporter'

function modules({ tls }: Traffic): string {
  const secured = tls && { tls_config: { ca_file: tls.cert, server_name: tlsName } }
  const http = { preferred_ip_protocol: 'ip4', ...secured }
  return JSON.stringify({ modules: { http_2xx: { prober: 'http', timeout: '5s', http } } })
}

/** Whether the exporter can be started here. */
export const isBlackboxInstalled = () => spawnSync(program, ['--version']).error === undefined

/**
 * Starts the exporter and asks it for so many probes a second, each target in its turn, on kept connections; its own to the
 * targets are always fresh.
 */
export async function startBlackbox(port: number, traffic: Traffic): Promise<Prober> {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-bench-'))
  const config = join(folder, 'blackbox.yml')
  writeFileSync(config, modules(traffic))
  const listen = await freePort()
  const child = start(program, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${listen}`])
  await untilAnswering(child, `http://127.0.0.1:${listen}/-/healthy`)
  const driver = drive(listen, port, traffic)
  return {
    pid: pidOf(child),
    async [Symbol.asyncDispose]() {
      await driver.stop()
      await stop(child)
      rmSync(folder, { recursive: true })
    },
  }
}

function drive(listen: number, port: number, traffic: Traffic) {
  const agent = new Agent({ keepAlive: true })
  const stopping = new AbortController()
  const scheme = traffic.tls ? 'https' : 'http'
  const urls = groups(traffic.targets).map((hosts) =>
    hosts.map((host) => probeUrl(listen, `${scheme}://${host}:${port}/`)),
  )
  const gapMs = intervalMsOf(traffic) / urls.length
  function ask(url: string): void {
    const request = get(url, { agent }, (answer) => answer.resume())
    request.on('error', (error) => {
      if (!stopping.signal.aborted) throw error
    })
  }
  async function turns(): Promise<void> {
    const startMs = performance.now()
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      await sleep(Math.max(0, startMs + turn * gapMs - performance.now()))
      for (const url of urls[turn % urls.length] ?? []) ask(url)
    }
  }
  const done = turns()
  return {
    async stop() {
      stopping.abort()
      await done
      agent.destroy()
    },
  }
}

const probeUrl = (listen: number, target: string) =>
  `http://127.0.0.1:${listen}/probe?module=http_2xx&target=${encodeURIComponent(target)}`
