/** DNS that fails, flaps, lies, is slow: a real name server, which farmprobe's own resolver is made to ask. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { select } from '../../../test/support/rules/exposition.ts'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss, type Stand } from '../fault.ts'
import type { Scene, Setup } from '../scene.ts'
import { type NameServer, startNameServer } from '../support/name_server.ts'
import { onlyReasons, words } from '../support/outcome.ts'
import { badFarm, impatient } from '../support/servers.ts'

const found = 'nodes.bad.test'
const three = ['127.2.0.1', '127.2.0.2', '127.2.0.3']

interface Place {
  readonly names: NameServer
  readonly port: number
  /** Starts the process so that the name server is the only one that it knows. */
  readonly setup: Setup
}

/** A mount namespace of its own, in which /etc/resolv.conf is ours. */
async function asked(stand: Stand, work: (place: Place) => Promise<Awaited<ReturnType<Stand['suffer']>>>) {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-faults-'))
  try {
    await using names = await startNameServer()
    await using server = await startRawServer(say(answerBytes('Welcome', ['Connection: close'])), {
      host: '0.0.0.0',
    })
    const resolver = join(folder, 'resolv.conf')
    writeFileSync(resolver, `nameserver ${names.address}\noptions timeout:1 attempts:1\n`)
    const mount = `mount --bind '${resolver}' /etc/resolv.conf && exec "$@"`
    const wrap = ['unshare', '--mount', 'sh', '-c', mount, 'sh']
    return await work({ names, port: server.port, setup: { wrap } })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const discovering = (port: number) =>
  badFarm({
    port,
    check: { interval: '100ms', timeout: '5s' },
    more: { nodes: [], discover: { dns: { name: found, refresh: '1s' } } },
  })

const nodesOf = async ({ scraper }: Scene) =>
  select((await scraper.read()).samples, 'farmprobe_up', { farm: 'bad', role: 'node' })
    .map(({ labels }) => labels['target'] ?? '')
    .sort()

const isThree = async (scene: Scene) => (await nodesOf(scene)).join() === three.join()

const failures = (scene: Scene) => scene.grown('farmprobe_discovery_failures_total', { farm: 'bad' })

/** Nodes are found, then the name server turns bad: the nodes stay, and are probed on. */
const keeps = (name: string, server: string, turn: (names: NameServer) => void): Fault => ({
  name,
  expected: `a name server that ${server}: the nodes last found are kept and probed, the failures counted`,
  needs: ['root'],
  run: (stand) =>
    asked(stand, ({ names, port, setup }) => {
      names.answer(() => three)
      return stand.suffer({ ...setup, farms: [discovering(port)] }, async (scene) => {
        await scene.until('three nodes', () => isThree(scene))
        turn(names)
        await scene.until('failure', async () => (await failures(scene)) >= 2, 15_000)
        if (!(await isThree(scene))) throw new Miss(`the nodes are ${(await nodesOf(scene)).join()}`)
        const seen = await onlyReasons(scene, 'bad', ['ok'], 100)
        return `3 nodes kept, ${await failures(scene)} failures; ${seen}`
      })
    }),
})

const flaps: Fault = {
  name: 'dns-flaps',
  expected: 'other nodes with each answer: nodes come and go, the one that stays keeps its counters',
  needs: ['root'],
  run: (stand) =>
    asked(stand, ({ names, port, setup }) => {
      const [a = '', b = '', c = ''] = three
      names.answer((_, index) => [[a, b], [b, c], 'NXDOMAIN' as const][Math.floor(index / 2) % 3] ?? [])
      return stand.suffer({ ...setup, farms: [discovering(port)] }, async (scene) => {
        const seen = new Set<string>()
        let kept = 0
        for (const endMs = performance.now() + (stand.short ? 5000 : 20_000); performance.now() < endMs; ) {
          seen.add((await nodesOf(scene)).join(' '))
          const counted = await scene.value('farmprobe_probes_total', { farm: 'bad', target: b })
          if (counted < kept) throw new Miss(`the counter of ${b} fell from ${kept} to ${counted}`)
          kept = counted
          await sleep(200)
        }
        for (const wanted of [`${a} ${b}`, `${b} ${c}`])
          if (!seen.has(wanted)) throw new Miss(`never ${wanted}, only ${[...seen].join('; ')}`)
        return `${words(await scene.results('bad'))}, the node that stays counted to ${kept}`
      })
    }),
}

/** The balancer has no pinned address: each probe asks for its name. */
const resolving = (
  name: string,
  server: string,
  reasons: readonly string[],
  turn: (names: NameServer) => void,
): Fault => ({
  name,
  expected: `the balancer's name asked of a name server that ${server}: ${reasons.join(' or ')}, within the time limit`,
  needs: ['root'],
  run: (stand) =>
    asked(stand, ({ names, port, setup }) => {
      turn(names)
      const farm = { ...badFarm({ port, check: impatient }), address: undefined, nodes: [] }
      return stand.suffer({ ...setup, farms: [farm] }, (scene) =>
        onlyReasons(scene, 'bad', reasons, stand.short ? 15 : 100),
      )
    }),
})

export const dnsFaults: readonly Fault[] = [
  keeps('dns-no-such-name', 'knows the name no more', (names) => names.answer(() => 'NXDOMAIN')),
  keeps('dns-fails', 'fails', (names) => names.answer(() => 'SERVFAIL')),
  keeps('dns-silent', 'falls silent', (names) => names.answer(() => 'silence')),
  keeps('dns-garbage', 'answers with garbage', (names) => names.answer(() => randomBytes(60))),
  keeps('dns-empty', 'answers that the name has no address', (names) => names.answer(() => [])),
  flaps,
  // Probes that ask while a look-up is out share its answer, and may be in time for it, or nearly.
  resolving(
    'dns-slow',
    'answers after 900 ms',
    ['dns', 'connect_timeout', 'first_byte_timeout', 'ok'],
    (names) => names.answer(() => three, 900),
  ),
  resolving('dns-stalls', 'never answers', ['dns'], (names) => names.answer(() => 'silence')),
  resolving('dns-lies', 'gives the broadcast address', ['unreachable'], (names) =>
    names.answer(() => ['255.255.255.255']),
  ),
]
