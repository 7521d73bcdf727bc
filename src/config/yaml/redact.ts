import { stringify } from 'yaml'
import { hidden, hideInUrl, namesSecret } from '../../secrets/hide.ts'
import type { Path } from './problem.ts'
import type { Tree } from './tree.ts'

/** Values that are secrets, or may hold one, by their key and the key around it; lists have no key. */
const secrets = new Set(['basic.password', 'auth.bearer', 'tls.key', 'checks.body', 'defaults.body'])

/**
 * The file as it took effect, as YAML: comments and anchors gone, secrets hidden. A value from the environment
 * shows the name of its variable.
 */
export function redactedYaml(tree: Tree): string {
  return stringify(redact(tree.value, [], tree), { aliasDuplicateObjects: false })
}

function redact(value: unknown, path: Path, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, [...path, index], tree))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, redact(item, [...path, key], tree)]),
    )
  if (value !== null && isSecret(path)) return hidden
  const written = tree.writtenAt(path) ?? value
  return typeof written === 'string' ? hideInUrl(written) : written
}

function isSecret(path: Path): boolean {
  const [holder = '', key = ''] = path.filter((step) => typeof step === 'string').slice(-2)
  return holder === 'headers' ? namesSecret(key) : secrets.has(`${holder}.${key}`)
}
