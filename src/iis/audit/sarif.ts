import type { Log, ReportingDescriptor, Result } from 'sarif'
import { type Finding, type Rule } from './finding.ts'

/**
 * Findings in SARIF 2.1.0, which code scanning of GitHub, Azure DevOps and editors read. The types are made of the
 * official schema: a key that it does not know, or a value that it does not allow, does not compile.
 */
export function sarif(findings: readonly Finding[], rules: readonly Rule[], version: string): Log {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'farmprobe', version, rules: rules.map(ruleEntry) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, rules)),
      },
    ],
  }
}

const ruleEntry = ({ id, title, meaning, severity }: Rule): ReportingDescriptor => ({
  id,
  shortDescription: { text: `${title}.` },
  fullDescription: { text: meaning },
  defaultConfiguration: { level: severity },
})

function result({ rule, place, subject, what, mend }: Finding, rules: readonly Rule[]): Result {
  const region = place.line === 0 ? undefined : { startLine: place.line, startColumn: place.column }
  const lines = [...mend.appcmd, ...mend.powershell, ...(mend.note === undefined ? [] : [mend.note])]
  return {
    ruleId: rule.id,
    ruleIndex: rules.indexOf(rule),
    level: rule.severity,
    message: { text: [`${subject}: ${what}. ${rule.meaning}`, ...lines].join('\n') },
    locations: [
      { physicalLocation: { artifactLocation: { uri: uriOf(place.file) }, ...(region && { region }) } },
    ],
  }
}

/** A file name as a reference that starts at the root of whatever is scanned. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
  return /^[a-z]%3A\//i.test(path) ? `file:///${path.replace('%3A', ':')}` : path.replace(/^\.\//, '')
}
