/** The probers that are compared, each in a process of its own and with targets of its own. */
import { pidOf, startPeer, stop } from '../processes.ts'
import { isBlackboxInstalled, startBlackbox } from './blackbox.ts'
import { type Prober, startFarmprobe } from './farmprobe.ts'
import { startCloudprober, startGatus } from './go_probers.ts'
import { startTargets, type Targets } from './targets.ts'
import { intervalMsOf, type Traffic } from './traffic.ts'

export const names = ['farmprobe', 'blackbox_exporter', 'cloudprober', 'gatus', 'bare loop'] as const
export type Name = (typeof names)[number]

type Start = (port: number, traffic: Traffic) => Promise<Prober>

const { BENCH_CLOUDPROBER: cloudprober, BENCH_GATUS: gatus, CI } = process.env

/** How each is started; absent: it is not installed, which for blackbox_exporter is an error in CI. */
const starts: Readonly<Record<Name, Start | undefined>> = {
  farmprobe: (port, traffic) => startFarmprobe({ port, intervalMs: intervalMsOf(traffic), ...traffic }),
  blackbox_exporter: isBlackboxInstalled() || CI ? startBlackbox : undefined,
  cloudprober: cloudprober ? (port, traffic) => startCloudprober(cloudprober, port, traffic) : undefined,
  gatus: gatus ? (port, traffic) => startGatus(gatus, port, traffic) : undefined,
  'bare loop': startBare,
}

export interface Contender extends AsyncDisposable {
  readonly name: Name
  readonly prober: Prober
  readonly servers: Targets
}

/** Starts those of `wanted` that are installed, side by side. */
export async function startContenders(
  traffic: Traffic,
  wanted: readonly Name[] = names,
): Promise<Contender[]> {
  return Promise.all(
    wanted.flatMap((name) => {
      const start = starts[name]
      return start ? [startContender(name, start, traffic)] : []
    }),
  )
}

async function startContender(name: Name, start: Start, traffic: Traffic): Promise<Contender> {
  const servers = await startTargets(traffic.keepAlive ? 'keep' : 'fast', 1, traffic.tls)
  const prober = await start(servers.port, traffic)
  const end = async () => {
    await prober[Symbol.asyncDispose]()
    await servers[Symbol.asyncDispose]()
  }
  return { name, prober, servers, [Symbol.asyncDispose]: end }
}

async function startBare(port: number, { targets, perSecond, keepAlive, tls }: Traffic): Promise<Prober> {
  const script = new URL('./peers/bare.ts', import.meta.url)
  const mode = tls?.cert ?? (keepAlive ? 'keep' : 'close')
  const child = await startPeer(script, [...[port, targets, perSecond].map(String), mode])
  return { pid: pidOf(child), [Symbol.asyncDispose]: () => stop(child) }
}
