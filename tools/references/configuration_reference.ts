import { configKeys } from '../../src/config/schema/config_keys.ts'
import { isShown } from '../../src/config/schema/mapping.ts'
import type { Keys } from '../../src/config/schema/part.ts'

const introduction = `# Configuration

*Generated from the code by \`tools/generate.ts\`; do not edit.*

farmprobe reads one YAML file, \`config/farmprobe.yaml\` unless \`-c\` names another. Unknown keys are errors, and so are settings
that cannot work together; \`farmprobe check FILE\` prints every problem with its line and column. Start from
[config/minimal.yaml](../config/minimal.yaml), or from [config/farmprobe.yaml](../config/farmprobe.yaml), which explains
everything. For completion in an editor, begin the file with

\`\`\`yaml
# yaml-language-server: $schema=farmprobe.schema.json
\`\`\`

**Values.** Durations are a number and a unit, or several: \`250ms\`, \`5s\`, \`1h30m\`, \`29h\`, \`7d\`. Sizes are bytes, or a number and
a unit: \`64KiB\`, \`1MiB\`, \`10MB\`. IPv6 addresses need brackets before a port: \`"[::1]:8080"\`. The file is UTF-8, or UTF-16 with a byte order mark.

**Several files.** \`include: [farms/*.yaml]\` adds the farms of other files, each with a list of farms; a problem in one names it. The flags
\`--web.listen-address\` and \`--web.config.file\` of \`run\` stand above \`web.listen\` and \`web.config_file\`, and \`--config.file\` is \`-c\`.

**Cron expressions** have five fields: minute, hour, day of the month, month and weekday (a check's may begin with a sixth for seconds).
As in POSIX, a day is meant when *either* its day of the month or its weekday fits, where both are given: \`0 3 1 * 1\` is the first of
the month and every Monday. A field that begins with \`*\` gives no day, so that \`0 3 */2 * 1\` wants both. \`L\` is the last day of the
month, \`5L\` its last Friday, \`1#2\` its second Monday, \`15W\` the weekday nearest to the 15th. When clocks change, a time of day still
comes once: one that is skipped comes as much later as clocks went forward (01:30 in London is then 02:30), of one that is shown twice
the first counts. An expression for every hour has a slot in every hour that passes. A window lasts as long as \`for\` says, whatever
clocks do.

**Regular expressions** are RE2's, as in Prometheus ([syntax](https://github.com/google/re2/wiki/Syntax)): the time that one takes grows
with the text and no faster, whatever a target sends. What RE2 does not have is a problem that \`check\` shows: look-around and
back references, and expressions of more than 10,000 steps. They match anywhere in a text unless \`^\` and \`$\` hold them to its
beginning and its end; flags stand at the beginning, or around the part that they are for: \`(?i)welcome\`, \`(?i:welcome)\`, \`i\` to
ignore case, \`m\` to have \`^\` and \`$\` match at lines, \`s\` to have \`.\` match a line break. A character is one of Unicode, also for \`.\`
and \`(?i)\`; \`\\d\`, \`\\w\`, \`\\s\` and \`\\b\` know those of ASCII alone, \`\\p{L}\` every letter.

**The environment.** In every value, \`\${NAME}\` is replaced by the variable, and \`\${NAME:-default}\` by the default when the variable
is unset or empty; an unset variable without a default is a problem. \`$$\` is a plain dollar, and so is any dollar that does not
begin a reference. Values are replaced after the file has been parsed, so none can change its structure.

**Secrets** can be kept in files of their own: \`password\`, \`bearer\`, \`key\` and other keys have a sibling that ends in \`_file\`.
Relative file names start at the configuration file, and a line break at the end of the file is not part of the secret. No message
and no page shows a secret; a value from the environment is shown as its reference.

**Addresses that are off limits.** Clouds serve a machine's credentials at fixed addresses, such as 169.254.169.254. A name, a discovery
file or a redirect cannot lead farmprobe to one: the probe fails with reason \`dns\`, and a discovered node is left out with a line in
the log. Only a \`url\`, an \`address\` or a node that gives this very address is probed, with a warning of \`check\`. Off limits are
link-local addresses; the metadata services of Akamai (Linode), Alibaba, Amazon, Equinix Metal, Google, Oracle, Scaleway and Tencent;
Azure's 168.63.129.16; IPv6 addresses of one's own (fc00::/7) that spell 169.254.169.254; and IPv6 addresses that embed one of these.

**The version.** \`version: 1\` may stand at the top; a file without it is version 1. The version changes only when an old file would mean
something else. farmprobe reads its own version and the one before, and refuses a newer one.

**farmprobe's own pages** are protected by the file that \`web.config_file\` names: see [security.md](security.md).

**Defaults.** What a check does not set comes from \`defaults\`, and what these do not set from the column *default* below. Mappings are
merged key by key; lists and plain values are replaced. Of settings that exclude each other, such as \`interval\` and \`cron\`, the one
nearer to the check wins.
`

/** Mappings whose keys are those of another section. */
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

function row(name: string, { part, doc, required, example, ...key }: Keys[string]): string {
  const otherwise = required ? '*required*' : isShown(key.default) ? code(key.default) : ''
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
