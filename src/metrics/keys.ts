/** The names of a record's owner as one key, for the lookups of every probe. */
import { balancerName } from '../model/farm.ts'
import type { Subject } from '../model/outcome.ts'

export const targetKey = ({ farm, role, target }: Omit<Subject, 'check'>): string =>
  `${farm}\n${role}\n${target}`

export const subjectKey = ({ farm, role, target, check }: Subject): string =>
  `${farm}\n${role}\n${target}\n${check}`

/** Events leave the role out: the balancer's name is reserved, so the name tells it. */
export function withRole<Named extends { readonly target: string }>(
  named: Named,
): Named & Pick<Subject, 'role'> {
  return { ...named, role: named.target === balancerName ? 'balancer' : 'node' }
}
