import type { ChildProcess } from 'node:child_process'
import { freePort } from '../../test/support/servers/loopback_port.ts'
import { ask, startPeer, stop } from '../processes.ts'
import type { TlsFiles } from './traffic.ts'

/** The server processes that every prober of the bench asks. */
export interface Targets extends AsyncDisposable {
  readonly port: number
  /** Requests answered since the start. */
  count(): Promise<number>
  /** Resolves with the first request. */
  first(): Promise<void>
  /** Takes the holds kept since the last call, in milliseconds by X-Farmprobe-Id. */
  takeHolds(): Promise<Map<string, number>>
}

/**
 * Starts targets that answer at once (`fast`), keep the connection after it (`keep`) or hold each answer 5 to 50 ms
 * (`hold`), in so many processes.
 */
export async function startTargets(
  mode: 'fast' | 'keep' | 'hold',
  processes = 1,
  tls?: TlsFiles,
): Promise<Targets> {
  const port = await freePort()
  const script = new URL('./peers/server.ts', import.meta.url)
  const starting = Array.from({ length: processes }, () =>
    startPeer(script, [String(port), mode, ...(tls ? [tls.cert, tls.key] : [])]),
  )
  const children: ChildProcess[] = await Promise.all(starting)
  const askAll = <Answer>(question: string) =>
    Promise.all(children.map((child) => ask<Answer>(child, question)))
  return {
    port,
    count: async () => (await askAll<number>('count')).reduce((sum, count) => sum + count, 0),
    first: async () => void (await Promise.race(children.map((child) => ask(child, 'first')))),
    takeHolds: async () => new Map((await askAll<[string, number][]>('holds')).flat()),
    [Symbol.asyncDispose]: async () => void (await Promise.all(children.map(stop))),
  }
}

/** A balancer and four nodes. */
export const defaultFarmSize = 5

/** The loopback addresses of so many targets, by farm. */
export function groups(targets: number, farmSize = defaultFarmSize): string[][] {
  const all = Array.from({ length: targets }, (_, index) => address(index))
  const farms = Math.ceil(targets / farmSize)
  return Array.from({ length: farms }, (_, farm) => all.slice(farm * farmSize, (farm + 1) * farmSize))
}

function address(index: number): string {
  return `127.${1 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${1 + (index % 250)}`
}
