import type { Location, Log, Notification, ReportingDescriptor, Result } from 'sarif'
import type { Place } from '../../model/place.ts'
import type { Remark } from '../read/remark.ts'
import { type Finding, type Rule } from './finding.ts'

/**
 * Findings in SARIF 2.1.0, which code scanning of GitHub, Azure DevOps and editors read. The types are made of the
 * official schema: a key that it does not know, or a value that it does not allow, does not compile.
 */
export function sarif(
  findings: readonly Finding[],
  problems: readonly Remark[],
  rules: readonly Rule[],
  version: string,
): Log {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'farmprobe', version, rules: rules.map(ruleEntry) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: problems.length === 0,
            toolExecutionNotifications: problems.map(notification),
          },
        ],
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

/** A file that cannot be read. */
const notification = ({ place, message }: Remark): Notification => ({
  level: 'error',
  message: { text: message },
  locations: [locationOf(place)],
})

function result({ rule, place, subject, what, things, mend }: Finding, rules: readonly Rule[]): Result {
  const lines = [...mend.appcmd, ...mend.powershell, ...(mend.note === undefined ? [] : [mend.note])]
  return {
    ruleId: rule.id,
    ruleIndex: rules.indexOf(rule),
    level: rule.severity,
    message: { text: [`${subject}: ${what}. ${rule.meaning}`, ...lines].join('\n') },
    locations: [locationOf(place)],
    ...(things.length > 1 && {
      relatedLocations: things.map((thing) => ({
        ...locationOf(thing.place),
        message: { text: thing.subject },
      })),
    }),
  }
}

function locationOf({ file, line, column }: Place): Location {
  const region = line === 0 ? undefined : { startLine: line, startColumn: column }
  return { physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...(region && { region }) } }
}

/** A file name as a reference that starts at the root of whatever is scanned. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
  return /^[a-z]%3A\//i.test(path) ? `file:///${path.replace('%3A', ':')}` : path.replace(/^\.\//, '')
}
