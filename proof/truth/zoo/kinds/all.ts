/** Every kind of the zoo, in the order in which they are run. */
import { balancers } from '../balancers/balancer.ts'
import type { Kind, Needed } from '../kind.ts'
import { binaryPath } from '../../../../test/support/binary_path.ts'
import { gunicornKinds } from './gunicorn.ts'
import { phpKinds } from './php_fpm.ts'

export const kinds: readonly Kind[] = [...gunicornKinds, ...phpKinds]

/** What a kind needs and is not installed. */
export function missingFor({ needs, balancer }: Kind): Needed[] {
  const { program, debianPackage } = balancers[balancer.product]
  const all: readonly Needed[] = [...needs, [program, debianPackage], ['setpriv', 'util-linux']]
  return all.filter(([name]) => binaryPath(name) === undefined)
}
