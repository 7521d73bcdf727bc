/** The farms of the live part: events of hours within two minutes. */
import type { Farm, Target } from '../../../src/model/farm.ts'
import type { Happening, NodeAction, Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { app, balancer, nodes, pool, scenario } from '../../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../../src/simulator/farm/chance.ts'

/** Nothing happens until then, so that the workers become known. */
const quietMs = 55_000
/** How long the farms are watched. */
export const watchMs = 130_000

const names = ['web01', 'web02', 'web03', 'web04'] as const

/** The same on one node after another, `everyMs` apart. */
function inTurn(everyMs: number, count: number, what: NodeAction): Happening[] {
  const happenings = Math.floor((watchMs - quietMs - 15_000) / everyMs)
  return Array.from({ length: happenings }, (_, turn) => ({
    when: { kind: 'at', offsetsMs: [quietMs + turn * everyMs] },
    nodes: [names[turn % count] ?? 'web01'],
    what,
  }))
}

export const liveScenarios: readonly Scenario[] = [
  scenario('cold-recycles', 'First requests of about 7 s behind a balancer that waits 3 s; two nodes.', {
    nodes: nodes(2, app({ pool: pool({ spawnMs: about(300), coldMs: about(7000, 0.15) }) })),
    balancer: balancer({ timeoutMs: 3000 }),
    happenings: inTurn(10_000, 2, { kind: 'recycle', cause: 'demand' }),
  }),
  scenario('short-outages', 'Nodes that refuse connections for one to three seconds.', {
    happenings: inTurn(6500, 4, {
      kind: 'outage',
      how: 'refused',
      forMs: about(2000, 0.25),
      restarts: false,
    }),
  }),
  scenario(
    'balancer-alone',
    "The balancer's own pool recycles: 502 for a second or two, every node is fine.",
    {
      happenings: Array.from({ length: 9 }, (_, turn) => ({
        when: { kind: 'at', offsetsMs: [20_000 + turn * 11_000] },
        what: { kind: 'balancer_recycle', forMs: about(1800, 0.25) },
      })),
    },
  ),
]

/** What a user would write for a farm of the simulator, probed every `intervalS` seconds: the default, but for the places. */
export const asConfigured = ({ name, balancer, nodes, site }: Farm, intervalS: number) => ({
  name,
  url: `http://${site.hostname}:${balancer.port}`,
  address: placeOf(balancer),
  nodes: nodes.map((node) => ({ name: node.name, address: placeOf(node) })),
  identity: { header: 'X-Worker' },
  served_by: { header: 'X-Node' },
  checks: [{ name: 'home', path: '/', interval: `${intervalS}s`, expect: { body: { contains: 'Welcome' } } }],
})

const placeOf = ({ host, port }: Target): string => `${host}:${port}`
