import { expect, test } from 'vitest'
import type { FarmEvent } from '../../src/model/event.ts'
import type { Incident } from '../../src/model/incident.ts'
import { eventually } from '../support/eventually.ts'
import type { Affinity } from '../support/processes/balancer_files.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import {
  type RealBalancer,
  startApache,
  startHaproxy,
  startNginx,
} from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { type ScriptedNodes, shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { total } from '../support/rules/exposition.ts'
import { startTcpLink, type TcpLink } from '../support/servers/tcp_link.ts'

const names = ['web01', 'web02', 'web03']
const timeout = 120_000
const byHeader = { served_by: { header: 'X-Node' } }

interface Started extends AsyncDisposable {
  readonly nodes: ScriptedNodes
  /** From the balancer to each node: farmprobe asks the nodes themselves. */
  readonly links: readonly TcpLink[]
  readonly balancer: RealBalancer
  readonly farmprobe: Farmprobe
}

/** A farm whose balancer reaches its nodes over links, probed twice a second. */
async function startFarm(start: typeof startNginx, affinity: Affinity, farm: object): Promise<Started> {
  await using owned = new AsyncDisposableStack()
  const nodes = owned.use(await startScriptedNodes(...names))
  const links: TcpLink[] = []
  for (const { address } of nodes.all) links.push(owned.use(await startTcpLink(address)))
  const addresses = links.map(({ address }) => address)
  const balancer = owned.use(await start({ nodes: addresses, timeoutMs: 2000, affinity }))
  const { cookie } = affinity
  const check = { interval: '500ms', timeout: '5s' }
  const config = shopConfig({
    balancer: balancer.address,
    nodes: nodes.all,
    check,
    farm: { affinity: { cookie }, ...farm },
  })
  const farmprobe = owned.use(await startFarmprobe({ ...config, incidents: { quiet: '5s' } }))
  const kept = owned.move()
  return { nodes, links, balancer, farmprobe, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const throughProbes = ({ farmprobe }: Started) => farmprobe.probes().filter(({ role }) => role === 'through')

/** Waits until each target has been probed through the balancer three times more. */
async function probedThrough(started: Started, targets: readonly string[]) {
  const before = throughProbes(started).length
  const more = () => throughProbes(started).slice(before)
  return eventually('probes through the balancer', more, (probes) =>
    targets.every((name) => probes.filter(({ target }) => target === name).length >= 3),
  )
}

/** Which node answered each probe through the balancer, as the nodes themselves have seen it: `target > node`. */
function landed({ nodes }: Started, probes: ReturnType<typeof throughProbes>): string[] {
  const byId = new Map(nodes.all.flatMap(({ name, requests }) => requests.map(({ id }) => [id, name])))
  return [...new Set(probes.map(({ id, target }) => `${target} > ${byId.get(id)}`))].sort()
}

const home = names.map((name) => `${name} > ${name}`)

async function eventsOf({ farmprobe }: Started, kind: FarmEvent['kind']) {
  const { text } = await farmprobe.get(`/api/v1/events?kind=${kind}`)
  return (JSON.parse(text) as { events: (FarmEvent & { sentence: string })[] }).events
}

/** The balancer, its program, and the ways in which it can write whose cookie it is. */
const balancers = [
  ['HAProxy', 'haproxy', startHaproxy, { cookie: 'SERVERID', names }, { served_by: { cookie: 'SERVERID' } }],
  ['HAProxy, with hashes', 'haproxy', startHaproxy, { cookie: 'SERVERID' }, byHeader],
  ['Apache', 'apache2', startApache, { cookie: 'ROUTEID', names }, { served_by: { cookie: 'ROUTEID' } }],
  ['nginx', 'nginx', startNginx, { cookie: 'node', names: ['aa11', 'bb22', 'cc33'] }, byHeader],
] as const

for (const [name, program, start, affinity, farm] of balancers)
  suiteWith(program).concurrent(`nodes behind ${name} by its cookie`, () => {
    test('each is reached through the balancer, and one that is cut off from it is told as such', {
      timeout,
    }, async () => {
      await using started = await startFarm(start, affinity, farm)
      const { links, farmprobe } = started
      expect(landed(started, await probedThrough(started, names))).toEqual(home)
      const before = await farmprobe.metrics()
      for (const target of names) {
        expect(total(before, 'farmprobe_up', { role: 'through', target })).toBe(1)
        expect(total(before, 'farmprobe_affinity_not_honoured_total', { role: 'through', target })).toBe(0)
      }

      await links[1]?.cut()
      const told = () => eventsOf(started, 'link')
      const [cut] = await eventually('the link being missed', told, (all) => all.length > 0, 30_000)
      expect(cut).toMatchObject({ target: 'web02', state: 'failing' })
      expect(cut?.sentence).toMatch(
        /^the balancer does not reach web02 \(\d+ × 50[23]\), while web02 itself answers/,
      )
      await links[1]?.mend()
      await eventually('the link being back', told, (all) => all.length > 1, 30_000)

      const closed = () => eventsOf(started, 'incident_closed')
      const [incident] = await eventually('the incident being over', closed, (all) => all.length > 0, 60_000)
      const { snapshot } = incident as { snapshot: Incident }
      expect(snapshot).toMatchObject({
        impact: 'users',
        node: 'web02',
        cause: 'link',
        runbook: 'LinkFailing',
      })
      expect(snapshot.summary).toContain('the balancer could not reach web02, which answered directly')
      const after = await farmprobe.metrics()
      expect(total(after, 'farmprobe_link_failures_total', { target: 'web02' })).toBe(1)
      expect(total(after, 'farmprobe_link_failures_total')).toBe(1)
      expect(total(after, 'farmprobe_up', { role: 'node', target: 'web02' })).toBe(1)
      expect(total(after, 'farmprobe_outages_total', { role: 'node' })).toBe(0)
    })
  })

suiteWith('nginx').concurrent('nginx that sets a cookie and does not look at it', () => {
  test('answers of other nodes than the one asked for are counted', { timeout }, async () => {
    const affinity = { cookie: 'node', names: ['aa11', 'bb22', 'cc33'], ignored: true }
    await using started = await startFarm(startNginx, affinity, byHeader)
    const probes = await probedThrough(started, names)
    expect(landed(started, probes)).not.toEqual(home)
    const metrics = await started.farmprobe.metrics()
    expect(total(metrics, 'farmprobe_affinity_not_honoured_total')).toBeGreaterThan(0)
  })
})

suiteWith('haproxy').concurrent('nodes behind HAProxy whose answers name no node', () => {
  test('are told apart by number, each always the same node', { timeout }, async () => {
    const unnamed = { identity: undefined, served_by: undefined }
    await using started = await startFarm(startHaproxy, { cookie: 'SERVERID' }, unnamed)
    const reached = landed(started, await probedThrough(started, ['#1', '#2', '#3']))
    expect(reached.map((each) => each.slice(0, 2))).toEqual(['#1', '#2', '#3'])
    expect(reached.map((each) => each.slice(5)).sort()).toEqual(names)
  })
})
