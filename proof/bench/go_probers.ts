/** cloudprober and gatus, where the environment names their programs; each with the targets in its own configuration. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/support/servers/loopback_port.ts'
import { pidOf, start, stop, untilAnswering } from '../processes.ts'
import type { Prober } from './farmprobe.ts'
import { groups } from './targets.ts'
import { intervalMsOf, type Traffic, tlsName } from './traffic.ts'

/** Starts cloudprober, which is scraped as farmprobe is. */
export async function startCloudprober(program: string, port: number, traffic: Traffic): Promise<Prober> {
  const { targets, tls, keepAlive = false } = traffic
  const listen = await freePort()
  const intervalMs = intervalMsOf(traffic)
  const secured = tls
    ? `scheme: HTTPS tls_config { ca_cert_file: "${tls.cert}" server_name: "${tlsName}" }`
    : ''
  const config = `
    host: "127.0.0.1" port: ${listen} surfacer { type: PROMETHEUS }
    probe {
      name: "home" type: HTTP interval_msec: ${intervalMs} timeout_msec: ${Math.min(intervalMs, 5000)}
      targets { host_names: "${groups(targets).flat().join()}" }
      http_probe { port: ${port} keep_alive: ${keepAlive} interval_between_targets_msec: 1 ${secured} }
    }`
  return startConfigured(program, listen, 'status', 'bench.cfg', config)
}

/** Starts gatus. It cannot be told of an authority, so it verifies no certificate. */
export async function startGatus(program: string, port: number, traffic: Traffic): Promise<Prober> {
  const { targets, tls } = traffic
  const listen = await freePort()
  const scheme = tls ? 'https' : 'http'
  const endpoints = groups(targets)
    .flat()
    .map((host) => ({
      name: host,
      url: `${scheme}://${host}:${port}/`,
      interval: `${intervalMsOf(traffic)}ms`,
      conditions: ['[STATUS] == 200'],
      client: { insecure: true, timeout: '5s' },
    }))
  const web = { address: '127.0.0.1', port: listen }
  const config = JSON.stringify({ web, metrics: true, concurrency: targets, endpoints })
  return startConfigured(program, listen, 'health', 'gatus.yaml', config)
}

async function startConfigured(
  program: string,
  listen: number,
  ready: string,
  name: string,
  config: string,
): Promise<Prober> {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-bench-'))
  const file = join(folder, name)
  writeFileSync(file, config)
  // Each reads its own of the two, and cloudprober tells the format by the end of the name.
  const child = start(program, [`-config_file=${file}`], { GATUS_CONFIG_PATH: file })
  const url = `http://127.0.0.1:${listen}`
  await untilAnswering(child, `${url}/${ready}`)
  return {
    pid: pidOf(child),
    url,
    async [Symbol.asyncDispose]() {
      await stop(child)
      rmSync(folder, { recursive: true })
    },
  }
}
