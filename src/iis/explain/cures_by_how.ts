/** Cures that the code of a failure makes more exact than its cause alone. */
import type { Incident } from '../../model/incident.ts'
import type { How } from './failed_request.ts'

const cures: Readonly<Partial<Record<How, string>>> = {
  refused:
    'See why nothing listened on the node: is its site started (`appcmd list site`), its machine up, its firewall open',
  died: 'See in the event log of the node (WAS, Application Error) why its worker ended in the middle of requests',
  cut_off:
    'See what broke off the answer on the node: an application that ended the connection, a proxy between, a worker that was killed',
  tls: "Make the node's certificate one that the balancer trusts for the name that it asks with: its CA, its dates, its binding without SNI or with that name",
  unresolved: 'Give the balancer the address of the node, or a name server that knows it',
  none_healthy:
    "Look at ARR's health test: its URL, what it expects, its time-outs; keep at least one server with `minServers`",
}

/** Where nothing is more exact than the cause's cure, nothing. */
export function cureOf(how: How, { cause }: Pick<Incident, 'cause'>): { readonly cure?: string } {
  const cure = cause === 'node_down' || how === 'none_healthy' ? cures[how] : undefined
  return cure === undefined ? {} : { cure }
}
