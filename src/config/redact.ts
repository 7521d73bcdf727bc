import { stringify } from 'yaml'
import { printableLines } from '../runtime/printable.ts'
import { hidden, hideInUrl, namesSecret } from '../secrets/hide.ts'
import { configKeys } from './schema/config_keys.ts'
import type { Keys } from './schema/part.ts'
import type { Path } from './yaml/problem.ts'
import { isMapping, type Tree } from './yaml/tree.ts'

/**
 * The file in effect as YAML, without comments and anchors, secrets hidden. A value from the environment is shown as
 * its reference.
 */
export function redactedYaml(tree: Tree): string {
  return printableLines(stringify(redact(tree.value, [], tree, configKeys), { aliasDuplicateObjects: false }))
}

type Described = Pick<Keys[string]['part'], 'keys' | 'secret'>

function redact(value: unknown, path: Path, tree: Tree, part: Described | undefined): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, [...path, index], tree, part))
  if (isMapping(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        redact(item, [...path, key], tree, part?.keys?.[key]?.part),
      ]),
    )
  if (value !== null && (part?.secret === true || isSecretHeader(path))) return hidden
  const written = tree.writtenAt(path) ?? value
  return typeof written === 'string' ? hideInUrl(written) : written
}

const isSecretHeader = (path: Path) => path.at(-2) === 'headers' && namesSecret(String(path.at(-1)))
