/** Every kind of the zoo, in the order of the runs. */
import { existsSync } from 'node:fs'
import { binaryPath } from '../../../../test/support/processes/binary_path.ts'
import { balancers } from '../balancers/balancer.ts'
import type { Kind, Needed } from '../kind.ts'
import { aspnetKinds } from './aspnet.ts'
import { circumstanceKinds } from './circumstances.ts'
import { gunicornKinds } from './gunicorn.ts'
import { killedKinds } from './killed.ts'
import { modWsgiKinds } from './mod_wsgi.ts'
import { nodeKinds } from './node_cluster.ts'
import { pausingKinds } from './pausing_jvm.ts'
import { phpKinds } from './php_fpm.ts'
import { pumaKinds } from './puma.ts'
import { tomcatKinds } from './tomcat.ts'
import { uwsgiKinds } from './uwsgi.ts'

export const kinds: readonly Kind[] = [
  ...aspnetKinds,
  ...gunicornKinds,
  ...modWsgiKinds,
  ...uwsgiKinds,
  ...phpKinds,
  ...pumaKinds,
  ...nodeKinds,
  ...tomcatKinds,
  ...pausingKinds,
  ...killedKinds,
  ...circumstanceKinds,
]

/** The programs of a kind that are not installed. */
export function missingFor({ needs, balancer }: Kind): Needed[] {
  const { program, debianPackage } = balancers[balancer.product]
  const all: readonly Needed[] = [...needs, [program, debianPackage], ['setpriv', 'util-linux']]
  return all.filter(([name]) => !(name.startsWith('/') ? existsSync(name) : binaryPath(name) !== undefined))
}
