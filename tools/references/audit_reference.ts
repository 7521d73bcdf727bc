import type { Rule } from '../../src/iis/audit/finding.ts'
import { rules } from '../../src/iis/audit/rules.ts'

const introduction = `# What \`farmprobe audit\` looks for

*Generated from the code by \`tools/generate.ts\`; do not edit.*

\`farmprobe audit applicationHost.config\` reads the configuration of one IIS; name the files of several nodes, and of the balancer, to
have them compared. Sites whose requests ARR passes on, to a web farm or as a plain reverse proxy, count as the balancer, all others as
a node behind one; both may be on one machine. Parts of a configuration, such as \`appcmd list apppool /config /xml\` prints them, are
read as well. The \`web.config\` of an
application is read where the application lies, or from a copy beside the server's file, in \`<site>/web.config\` or
\`<site>/<application>/web.config\`.

What one rule finds for one reason is one finding: values by default are mended by one command on the defaults, which the pools with a
value of their own keep. What is to be done comes first, in its order. Every finding names its place, what it means for users, and the commands of appcmd and of PowerShell that fix it. farmprobe only
prints the commands: read them, try them on one node, and measure with farmprobe whether they help. Exit codes: 0 no finding,
1 findings, 2 a file that cannot be read. \`--json\` and \`--sarif\` are for machines, and hold such a file as an error.

Values are those in force: the setting itself, else the defaults of the server, else those of IIS. Whether a setting does what it
promises only probes can show: preload, for instance, accepts any answer as success.
`

/** The reference of all rules, as Markdown. */
export function auditReference(): string {
  const rows = rules.map(({ id, severity, title }) => `| [\`${id}\`](#${id}) | ${severity} | ${title} |`)
  const table = ['| rule | severity | finds |', '|---|---|---|', ...rows].join('\n')
  return [introduction, `${table}\n`, ...rules.map(section)].join('\n')
}

const section = ({ id, severity, title, meaning }: Rule) => `## \`${id}\`

*${severity}.* ${title}. ${meaning}
`
