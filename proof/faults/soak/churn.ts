/** What happens to the farms, and what users do with farmprobe, at random: the same for the same seed. */

import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../../src/runtime/random.ts'
import type { Child } from '../support/child.ts'
import { balancerOf, nodeOf, type World } from './world.ts'

const farms = 4
/** Hosts that a farm has had or will have. */
const hosts = 40
/** Always the same number: more of them would look like growth. */
const nodesAtATime = 5
const everyMs = 400

/** Farms with an even number have their nodes in the configuration, the others in files of targets. */
const isInFile = (farm: number) => farm % 2 === 1

export interface Site {
  readonly folder: string
  readonly configFile: string
  readonly port: number
}

export interface Churn extends AsyncDisposable {
  /** How often each thing happened. */
  readonly counts: Readonly<Record<string, number>>
  /** Ends what is under way, such as open pages, and starts nothing new until the work is done. */
  quietly<T>(work: () => Promise<T>): Promise<T>
}

/** The nodes of all farms, and the files that list them. */
export function createFarms(site: Site, random: Random) {
  const nodes = Array.from(
    { length: farms },
    () => new Set(Array.from({ length: nodesAtATime }, (_, node) => node)),
  )
  let interval = 200
  const file = (farm: number) => join(site.folder, `nodes${farm}.json`)
  const addressesOf = (farm: number) => [...(nodes[farm] ?? [])].map((node) => nodeOf(farm, node))

  const farmConfig = (farm: number) => ({
    name: `farm${farm}`,
    url: `http://farm${farm}.test:${site.port}`,
    address: `${balancerOf(farm)}:${site.port}`,
    identity: { header: 'X-Worker' },
    served_by: { header: 'X-Node' },
    ...(isInFile(farm)
      ? { discover: { file: { path: file(farm) } } }
      : {
          nodes: addressesOf(farm).map((host) => ({ name: host, address: `${host}:${site.port}` })),
        }),
    checks: [{ name: 'home', path: '/', interval: `${interval}ms`, timeout: '5s' }],
  })
  const write = () =>
    writeFileSync(
      site.configFile,
      JSON.stringify({
        web: { listen: '127.0.0.1:0' },
        journal: { path: join(site.folder, 'journal.db'), keep: '1h' },
        farms: nodes.map((_, farm) => farmConfig(farm)),
      }),
    )
  const writeNodes = (farm: number) =>
    writeFileSync(
      file(farm),
      JSON.stringify(
        addressesOf(farm).map((host) => ({ targets: [`${host}:${site.port}`], labels: { node: host } })),
      ),
    )
  for (let farm = 0; farm < farms; farm += 1) if (isInFile(farm)) writeNodes(farm)
  write()
  return {
    someAddress(): string {
      const all = nodes.flatMap((_, farm) => addressesOf(farm))
      return all[Math.floor(random() * all.length)] ?? nodeOf(0, 0)
    },
    /** Replaces the oldest node of a farm; true when farmprobe needs a SIGHUP to notice. */
    change(): boolean {
      const farm = Math.floor(random() * farms)
      const own = nodes[farm] ?? new Set()
      const [oldest = 0] = own
      while (own.size <= nodesAtATime) own.add(Math.floor(random() * hosts))
      own.delete(oldest)
      if (isInFile(farm)) writeNodes(farm)
      else write()
      return !isInFile(farm)
    },
    changeInterval() {
      interval = interval === 200 ? 250 : 200
      write()
    },
  }
}

const reads = [
  '/api/v1/farms',
  '/api/v1/events?limit=1000',
  '/api/v1/strips',
  '/api/v1/series?farm=farm0&target=balancer&check=home',
  '/api/v1/failures',
  '/config',
  '/sd',
  '/',
]

/** Starts, and goes on until disposed of. */
export function startChurn(
  child: Child,
  world: World,
  own: ReturnType<typeof createFarms>,
  random: Random,
): Churn {
  const counts: Record<string, number> = {}
  const pages = new Set<Socket>()
  const stopping = new AbortController()
  let pause: Promise<unknown> | undefined

  const openPage = () => {
    const { hostname, port } = new URL(child.url)
    const page = connect(Number(port), hostname).on('error', () => {})
    page.write('GET /api/v1/stream HTTP/1.1\r\nHost: a\r\n\r\n')
    page.resume().once('close', () => pages.delete(page))
    pages.add(page)
  }
  const closePage = () => {
    const [oldest] = pages
    oldest?.destroy()
  }
  const actions: readonly (readonly [what: string, share: number, act: () => unknown])[] = [
    ['recycles', 3, () => world.recycle(own.someAddress())],
    ['outages', 2, () => world.breakFor(own.someAddress(), 200 + 2500 * random())],
    ['nodes changed', 2, () => own.change() && child.signal('SIGHUP')],
    ['checks changed', 0.3, () => (own.changeInterval(), child.signal('SIGHUP'))],
    ['scrapes', 5, () => read(child, '/metrics')],
    ['reads of the API', 4, () => read(child, reads[Math.floor(random() * reads.length)] ?? '/')],
    ['pages opened', 2, openPage],
    ['pages closed', 2, closePage],
  ]
  const all = actions.reduce((sum, [, share]) => sum + share, 0)
  const actOnce = async () => {
    let left = random() * all
    for (const [what, share, act] of actions) {
      left -= share
      if (left >= 0) continue
      counts[what] = (counts[what] ?? 0) + 1
      await act()
      return
    }
  }
  const turns = async () => {
    while (!stopping.signal.aborted) {
      await pause
      await actOnce()
      await sleep(everyMs * 2 * random(), undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const done = turns()
  return {
    counts,
    async quietly(work) {
      const { promise, resolve } = Promise.withResolvers<void>()
      pause = promise
      for (const page of pages) page.destroy()
      try {
        return await work()
      } finally {
        pause = undefined
        resolve()
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await done
      for (const page of pages) page.destroy()
    },
  }
}

async function read({ url }: Child, path: string): Promise<void> {
  const response = await fetch(`${url}${path}`, { headers: { connection: 'close' } })
  await response.arrayBuffer()
  if (response.status >= 500) throw new Error(`${path} answered ${response.status}`)
}
