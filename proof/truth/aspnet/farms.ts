/** The farms of the proof: each balancer over three nodes, once with identity and once without. */
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { balancer, check, nodes, scenario } from '../../../src/simulator/farm/blueprint_parts.ts'
import { servedByHeader } from '../../../test/support/processes/balancer_files.ts'
import { type Balancer, type Product, products } from './balancers.ts'
import type { AspnetNode, NodePlan } from './node.ts'

/** The nodes of a farm. One restarts by requests and two by time: no two of them in step. */
export const nodePlans: readonly NodePlan[] = [
  { name: 'web01', restart: { after: 'requests', requests: 24 } },
  { name: 'web02', restart: { after: 'time', seconds: 60 } },
  { name: 'web03', restart: { after: 'time', seconds: 72 } },
]

/** How long Application_Start takes, in milliseconds; mod_mono adds two seconds, and what has to be compiled. */
export const startMs = 3000

const intervalMs = 5000

export interface AspnetFarm {
  readonly name: string
  readonly product: Product
  readonly identity: boolean
}

export const farms: readonly AspnetFarm[] = products.flatMap((product) =>
  [true, false].map((identity) => ({
    name: `${product}-${identity ? 'identity' : 'without'}`,
    product,
    identity,
  })),
)

/** The Host of its requests, by which logs tell whose they are. */
export const hostOf = ({ name }: AspnetFarm): string => `${name}.test`

/** What a user would write for it: everything but the places and what tells workers apart is the default. */
export const asConfigured = (farm: AspnetFarm, { address }: Balancer, own: readonly AspnetNode[]) => ({
  name: farm.name,
  url: `http://${hostOf(farm)}`,
  address,
  nodes: own.map((node) => ({ name: node.name, address: node.address })),
  ...(farm.identity ? { identity: { header: 'X-Started' }, served_by: { header: servedByHeader } } : {}),
  checks: [
    {
      name: 'home',
      path: '/',
      interval: `${intervalMs}ms`,
      expect: { body: { contains: 'Welcome' } },
    },
  ],
})

/** The farm in the words of the scores. */
export const asScenario = ({ name, identity }: AspnetFarm, timeoutMs: number): Scenario =>
  scenario(name, 'A real ASP.NET application that mod_mono restarts.', {
    nodes: nodes(nodePlans.length),
    balancer: balancer({ timeoutMs }),
    checks: [check({ intervalMs })],
    identity,
  })
