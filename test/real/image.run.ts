/** Containers of the built image: a command, or the service until it is ready. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import type { RealProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { configFolder, configurationOf, type Target } from './image.around.ts'
import type { BuiltImage } from './image.build.ts'
import { type Mount, startContainer } from './image.container.ts'

interface Around {
  readonly mounts?: readonly Mount[]
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
}

/** A command in a hardened container. */
export function run(
  image: BuiltImage,
  command: readonly string[],
  around: Around = {},
): Promise<RealProcess> {
  const { root, config, uid } = image
  const { env = {}, ...rest } = around
  const own = Object.fromEntries(config.Env.map((each) => each.split(/=(.*)/s, 2) as [string, string]))
  const { WorkingDir: workingDir } = config
  return startContainer({ root, workingDir, command, uid, gid: uid, ...rest, env: { ...own, ...env } })
}

export interface Started {
  readonly service: RealProcess
  /** The port of 127.0.0.1 that it listens on. */
  readonly listen: number
  /** What the image's HEALTHCHECK ends with. */
  healthcheck(): Promise<number | null>
}

/** The service as its image says that it is run, once it is ready. */
export async function started(
  image: BuiltImage,
  { target, data, mounts = [], ...around }: Around & { target: Target; data?: string },
): Promise<Started> {
  const { config, folder } = image
  const listen = await freePort()
  const volumes = [
    { from: configFolder(folder, configurationOf(listen, target)), to: '/app/config' },
    ...(data === undefined ? [] : [{ from: data, to: '/app/data', writable: true }]),
  ]
  const sinceMs = performance.now()
  const command = [...config.Entrypoint, ...config.Cmd]
  const service = await run(image, command, { ...around, mounts: [...mounts, ...volumes] })
  await answers(listen, '/-/ready')
  const tookMs = Math.round(performance.now() - sinceMs)
  console.info(`ready ${tookMs} ms after the start, as ${around.uid ?? image.uid}`)
  const asking = () => run(image, config.Healthcheck.Test.slice(1), { mounts: volumes })
  const healthcheck = async () => (await (await asking()).exit).code
  return { service, listen, healthcheck }
}

/** Waits until this path is answered with 200. */
export async function answers(listen: number, path: string): Promise<void> {
  const ask = async () => (await fetch(`http://127.0.0.1:${listen}${path}`)).status
  await eventually(path, ask, (status) => status === 200, 30_000)
}

/** The metrics, once a probe had this result. */
export function probed(listen: number, result = 'ok'): Promise<string> {
  const scrape = async () => (await fetch(`http://127.0.0.1:${listen}/metrics`)).text()
  const seen = new RegExp(`^farmprobe_probes_total\\{.*result="${result}".*\\} [1-9]`, 'm')
  return eventually(`a probe that is ${result}`, scrape, (text) => seen.test(text), 30_000)
}

/** What the kernel says of a process. */
export function statusOf(pid: number): Record<string, string> {
  const lines = readFileSync(join('/proc', `${pid}`, 'status'), 'utf8').split('\n')
  return Object.fromEntries(lines.map((line) => line.split(/:\t(.*)/s, 2) as [string, string]))
}
