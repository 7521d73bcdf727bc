import { balancerName } from '../model/farm.ts'
import type { Subject } from '../model/outcome.ts'

/** Events leave the role out: the balancer's name is reserved, so the name tells it. */
export function withRole<Named extends { readonly target: string }>(
  named: Named,
): Named & Pick<Subject, 'role'> {
  return { ...named, role: named.target === balancerName ? 'balancer' : 'node' }
}
