/** A module as text, for people: its secrets hidden. */
import { stringify } from 'yaml'
import type { Path } from '../../config/yaml/problem.ts'
import { type Tree, valueAt } from '../../config/yaml/tree.ts'
import { hidden, hideInUrl, namesSecret } from '../../secrets/hide.ts'

const secretKeys = new Set([
  'password',
  'credentials',
  'bearer_token',
  'client_secret',
  'key',
  'body',
  'secrets',
])

/** Values below these are hidden where the key's name is that of a secret. */
const headerHolders = new Set([
  'headers',
  'proxy_connect_header',
  'http_headers',
  'endpoint_params',
  'claims',
])

/** The module at `path` as it was written, as YAML. */
export function shownModule(tree: Tree, path: Path): string {
  return stringify(shown(valueAt(tree.value, path), []), { aliasDuplicateObjects: false })
}

function shown(value: unknown, path: readonly string[]): unknown {
  if (isSecret(path)) return hidden
  if (Array.isArray(value)) return value.map((item) => shown(item, path))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item, [...path, key])]))
  if (typeof value !== 'string') return value
  return plain(hideInUrl(value))
}

function isSecret(path: readonly string[]): boolean {
  const key = path.at(-1) ?? ''
  if (secretKeys.has(key)) return true
  return path.slice(0, -1).some((holder) => headerHolders.has(holder)) && namesSecret(path[2] ?? key)
}

/** Everything was read as text; what was a number or a truth value is shown as one. */
function plain(text: string): unknown {
  if (/^(true|false)$/.test(text)) return text === 'true'
  return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text
}
