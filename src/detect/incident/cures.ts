/** What cures an incident, by its cause: the setting, and the runbook that tells the rest. */
import type { Cause } from '../../model/incident.ts'
import type { Culprit } from './culprit_of.ts'

interface Cure {
  readonly cure: string
  /** The name of a file in docs/runbooks, without its extension. */
  readonly runbook: string
}

const warm: Cure = {
  cure:
    'Keep a worker running and warm: `startMode=AlwaysRunning` on the application pool, `preloadEnabled=true` on the application, ' +
    'and recycling at a fixed, quiet hour',
  runbook: 'FarmprobeFirstRequestSlow',
}

const cures: Readonly<Record<Cause, Cure>> = {
  recycle: warm,
  cold_start: warm,
  node_down: {
    cure: 'See why the node failed: is its application pool stopped, is the machine up, does the site answer locally',
    runbook: 'FarmprobeNodeFailing',
  },
  timeout: {
    cure: "Find what is slow on the node, or raise the balancer's time-out (in ARR the farm's proxy `timeout`) above the slowest page",
    runbook: 'FarmprobeGatewayErrorSpike',
  },
  balancer: {
    cure: 'Look at the balancer: has it marked its servers unhealthy, do its health test and its own pool work',
    runbook: 'FarmprobeBalancerFault',
  },
  link: {
    cure: "Look at what lies between the balancer and the node: cable and switch, firewall, route, the node's address and certificate as the balancer knows them",
    runbook: 'LinkFailing',
  },
  stale_connection: {
    cure: "Have the balancer drop idle connections before the nodes do: its keep-alive time-out below `connectionTimeout` of the nodes' site (120 s)",
    runbook: 'StaleConnections',
  },
  overload: {
    cure: "See what keeps the node's requests waiting; `queueLength` of its application pool says how many may wait",
    runbook: 'FarmprobeGatewayErrorSpike',
  },
  unknown: {
    cure: 'Look at the events and failed answers of the incident; `served_by` in the configuration lets the balancer name its node',
    runbook: 'FarmprobeGatewayErrorSpike',
  },
}

const everything: Cure = {
  cure: 'See what all nodes share: network, name resolution, database, a deploy, or a certificate',
  runbook: 'FarmprobeFarmDown',
}

/** A node answered nobody for a while, and no new worker explains it. */
const silent: Cure = {
  cure: 'See what kept the node from answering: garbage collection, a busy processor or disk, a backup, the hypervisor',
  runbook: 'FarmprobeNodeFailing',
}

export function cureFor({ cause, all, nodes }: Culprit): Cure {
  if (all) return everything
  return cause === 'unknown' && nodes.length > 0 ? silent : cures[cause]
}
