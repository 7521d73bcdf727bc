/** DNS that fails, flaps, lies, is slow: a real name server, which farmprobe's own resolver is made to ask. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { select } from '../../../test/support/rules/exposition.ts'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss, type Runner, type RunningFarmprobe, type Setup } from '../fault.ts'
import { type NameServer, startNameServer } from '../support/name_server.ts'
import { onlyReasons, words } from '../support/probe_results.ts'
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
async function asked(
  runner: Runner,
  work: (place: Place) => Promise<Awaited<ReturnType<Runner['experiment']>>>,
) {
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

const nodesOf = async ({ scraper }: RunningFarmprobe) =>
  select((await scraper.read()).samples, 'farmprobe_up', { farm: 'bad', role: 'node' })
    .map(({ labels }) => labels['target'] ?? '')
    .sort()

const isThree = async (farmprobe: RunningFarmprobe) => (await nodesOf(farmprobe)).join() === three.join()

const failures = (farmprobe: RunningFarmprobe) =>
  farmprobe.grown('farmprobe_discovery_failures_total', { farm: 'bad' })

/** Nodes are found, then the name server turns bad: the nodes stay, and are probed on. */
const keeps = (name: string, server: string, turn: (names: NameServer) => void): Fault => ({
  name,
  expected: `a name server that ${server}: the nodes last found are kept and probed, the failures counted`,
  needs: ['root'],
  run: (runner) =>
    asked(runner, ({ names, port, setup }) => {
      names.answer(() => three)
      return runner.experiment({ ...setup, farms: [discovering(port)] }, async (farmprobe) => {
        await farmprobe.until('three nodes', () => isThree(farmprobe))
        turn(names)
        await farmprobe.until('failure', async () => (await failures(farmprobe)) >= 2, 15_000)
        if (!(await isThree(farmprobe))) throw new Miss(`the nodes are ${(await nodesOf(farmprobe)).join()}`)
        const seen = await onlyReasons(farmprobe, 'bad', ['ok'], 100)
        return `3 nodes kept, ${await failures(farmprobe)} failures; ${seen}`
      })
    }),
})

const flaps: Fault = {
  name: 'dns-flaps',
  expected: 'other nodes with each answer: nodes come and go, the one that stays keeps its counters',
  needs: ['root'],
  run: (runner) =>
    asked(runner, ({ names, port, setup }) => {
      const [a = '', b = '', c = ''] = three
      names.answer((_, index) => [[a, b], [b, c], 'NXDOMAIN' as const][Math.floor(index / 2) % 3] ?? [])
      return runner.experiment({ ...setup, farms: [discovering(port)] }, async (farmprobe) => {
        const seen = new Set<string>()
        let kept = 0
        for (const endMs = performance.now() + (runner.short ? 5000 : 20_000); performance.now() < endMs; ) {
          seen.add((await nodesOf(farmprobe)).join(' '))
          const counted = await farmprobe.value('farmprobe_probes_total', { farm: 'bad', target: b })
          if (counted < kept) throw new Miss(`the counter of ${b} fell from ${kept} to ${counted}`)
          kept = counted
          await sleep(200)
        }
        for (const wanted of [`${a} ${b}`, `${b} ${c}`])
          if (!seen.has(wanted)) throw new Miss(`never ${wanted}, only ${[...seen].join('; ')}`)
        return `${words(await farmprobe.results('bad'))}, the node that stays counted to ${kept}`
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
  run: (runner) =>
    asked(runner, ({ names, port, setup }) => {
      turn(names)
      const farm = { ...badFarm({ port, check: impatient }), address: undefined, nodes: [] }
      return runner.experiment({ ...setup, farms: [farm] }, (farmprobe) =>
        onlyReasons(farmprobe, 'bad', reasons, runner.short ? 15 : 100),
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
  // Probes that need a name while its look-up is under way share the answer, and may get it in time or barely miss it.
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
