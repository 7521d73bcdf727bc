import { configKeys } from '../../src/config/schema/config_keys.ts'
import { isShown } from '../../src/config/schema/mapping.ts'
import type { Keys } from '../../src/config/schema/part.ts'

const introduction = `# Configuration

*Generated from the code by \`tools/generate.ts\`; do not edit.*

One YAML file, \`config/farmprobe.yaml\` unless another is named with \`-c\`. An unknown key is a problem, and so are
settings that cannot work together; \`farmprobe check FILE\` prints every problem with its line and column. A minimal
file is [config/minimal.yaml](../config/minimal.yaml), one with everything explained
[config/farmprobe.yaml](../config/farmprobe.yaml). For completion in an editor, begin the file with

\`\`\`yaml
# yaml-language-server: $schema=farmprobe.schema.json
\`\`\`

**Durations** are a number and a unit, or several: \`250ms\`, \`5s\`, \`1h30m\`, \`29h\`, \`7d\`. **Sizes** are bytes, or
a number and a unit: \`64KiB\`, \`1MiB\`, \`10MB\`. **Regular expressions** are JavaScript's; put flags around what they
are for, as in \`(?i:welcome)\`. **Addresses** of IPv6 take brackets before a port: \`"[::1]:8080"\`.

**The environment.** In every value \`\${NAME}\` is replaced by the variable, and \`\${NAME:-default}\` by the default when
the variable is unset or empty; a variable that is unset and has no default is a problem. \`$$\` is a plain dollar, and
so is one that begins no reference. Values are replaced after the file was parsed: none can change its structure.

**Secrets** can stand in a file of their own: beside \`password\`, \`bearer\`, \`key\` and other keys there is one that ends in
\`_file\`. Relative file names start at the configuration file, and the line break at a file's end is no part of the
secret. Secrets are never shown, in no message and on no page; a value from the environment is shown by its name.

**Addresses that are off limits.** Clouds serve a machine's credentials at fixed addresses, such as 169.254.169.254. A
name, a discovery file or a redirect cannot lead farmprobe to one: the probe fails with reason \`dns\`, a discovered node is
left out with a line in the log. Only a \`url\`, \`address\` or node that gives the very address is probed, with a warning of \`check\`. They are:
link-local addresses, the metadata services of Alibaba, Amazon, Google, Oracle and Scaleway, Azure's 168.63.129.16, and
IPv6 addresses in which one of these is embedded.

**The version.** \`version: 1\` may stand at the top; a file without it is of version 1. It changes only when a file of the old
form would come to mean something else. A farmprobe reads its own version and the one before, and refuses a newer one.

**Our own pages** are protected by the file that \`web.config_file\` names: see [security.md](security.md).

**Defaults.** A check takes what it does not say from \`defaults\`, and what these do not say from the column *default*
below. Mappings are merged key by key; lists and plain values are replaced; of settings that exclude each other, such as
\`interval\` and \`cron\`, the one nearer to the check wins.
`

/** Sections that would only repeat those of checks. */
const repeated = new Set(['defaults'])

/** The reference of all keys, as Markdown. */
export const configurationReference = (): string =>
  [introduction, ...keySections('', configKeys.keys)].join('\n')

/** The section of one mapping, followed by those of the mappings in it, as Markdown. */
export function keySections(path: string, keys: Keys = {}, doc?: string): string[] {
  const title = path === '' ? '## The file' : `## \`${path}\``
  const head = ['| key | value | default | meaning |', '|---|---|---|---|']
  const rows = Object.entries(keys).map(([name, key]) => row(name, key))
  const section = [title, '', ...(doc === undefined ? [] : [doc, '']), ...head, ...rows, ''].join('\n')
  const inner = Object.entries(keys).flatMap(([name, { part, doc }]) => {
    if (part.keys === undefined || repeated.has(name)) return []
    const own = path === '' ? name : `${path}.${name}`
    return keySections(part.kind === 'list of mappings' ? `${own}[]` : own, part.keys, doc)
  })
  return [section, ...inner]
}

function row(name: string, { part, doc, required, standard, example }: Keys[string]): string {
  const otherwise = required ? '*required*' : isShown(standard) ? code(standard) : ''
  const meaning = example === undefined ? doc : `${doc} Example: ${code(example)}.`
  const cells = [`\`${name}\``, part.kind, otherwise, meaning]
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}

/** As it would stand in a file, on one line. */
function code(value: unknown): string {
  return `\`${flow(value, true)}\``
}

function flow(value: unknown, outermost = false): string {
  if (Array.isArray(value)) return `[${value.map((item) => flow(item)).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')} }`
  if (typeof value !== 'string') return String(value)
  return needsQuotes(value, outermost) ? JSON.stringify(value) : value
}

const needsQuotes = (text: string, outermost: boolean) =>
  /^[*&!%@`"'[{#>|-]|: |^\d+$/.test(text) || (!outermost && /[,[\]{}]/.test(text))
