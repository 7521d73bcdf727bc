import type { Finding } from '../iis/audit/finding.ts'
import { audit, rules } from '../iis/audit/rules.ts'
import { sarif } from '../iis/audit/sarif.ts'
import { type Machine, readMachine } from '../iis/read/machine.ts'
import { type Remark, remarkText } from '../iis/read/remark.ts'
import { wholeFile } from '../model/place.ts'
import { countsText, renderFindings } from './audit_text.ts'
import { type Edge, version } from './process_edge.ts'

export interface AuditOptions {
  readonly json?: true
  readonly sarif?: true
}

/**
 * The verb `audit`: shows what in IIS configurations makes users wait or get a 502, worst first, with the commands that
 * correct it. Returns the exit code: 0 nothing, 1 findings, 2 a file that cannot be read.
 */
export async function auditFiles(files: readonly string[], options: AuditOptions, edge: Edge) {
  const machines: Machine[] = []
  const problems: Remark[] = []
  for (const file of new Set(files)) {
    const result = await readMachine(file, { env: edge.env })
    const problem = 'machine' in result ? whyEmpty(result.machine) : result.problem
    if ('machine' in result && problem === undefined) machines.push(result.machine)
    if (problem !== undefined) {
      problems.push(problem)
      edge.stderr.write(`${remarkText(problem)}\n`)
    }
  }
  const findings = audit(machines)
  if (machines.length > 0 || options.json || options.sarif)
    edge.stdout.write(formatted(findings, problems, machines, options, edge))
  if (findings.length > 0) edge.stderr.write(`${countsText(findings)}; the commands were not run\n`)
  if (problems.length > 0) return 2
  return findings.length > 0 ? 1 : 0
}

/** A file without any pool, site or farm is the wrong file; reporting no findings would mislead. */
function whyEmpty({ file, pools, sites, farms, proxy }: Machine): Remark | undefined {
  if (pools.length + sites.length + farms.length + proxy.servers.length > 0) return undefined
  const message = 'it has no application pool, no site and no web farm; name an applicationHost.config'
  return { place: wholeFile(file), message }
}

function formatted(
  findings: readonly Finding[],
  problems: readonly Remark[],
  machines: readonly Machine[],
  { json, sarif: asSarif }: AuditOptions,
  edge: Edge,
): string {
  const files = machines.map(({ file }) => file)
  if (asSarif) return `${JSON.stringify(sarif(findings, problems, rules, version), null, 2)}\n`
  if (json) {
    const errors = problems.map(({ place, message }) => ({ ...place, message }))
    return `${JSON.stringify({ files, errors, findings: findings.map(asData) }, null, 2)}\n`
  }
  return renderFindings(findings, files, edge.stdout)
}

const asData = ({ rule, place, subject, what, things, mend }: Finding) => ({
  rule: rule.id,
  severity: rule.severity,
  ...place,
  subject,
  what,
  meaning: rule.meaning,
  todo: rule.todo,
  things: things.map((thing) => ({ ...thing.place, subject: thing.subject, what: thing.what })),
  mend,
})
