/** What was not given or not logged, and would tell more: each with what adds it. */
import type { FoundIncident } from './found_incidents.ts'
import type { ReadFile } from './log_evidence.ts'

/** As IIS calls the fields in `logExtFileFlags`. */
const flags: ReadonlyMap<string, string> = new Map([
  ['time-taken', 'TimeTaken'],
  ['sc-substatus', 'HttpSubStatus'],
  ['sc-win32-status', 'Win32Status'],
  ['cs-uri-query', 'UriQuery'],
  ['s-ip', 'ServerIP'],
])

const why: Readonly<Record<string, string>> = {
  'time-taken': 'when requests were sent, and which waited, is not known',
  'sc-substatus': 'how the balancer failed is not known',
  'sc-win32-status': 'how the balancer failed is not known',
  'cs-uri-query': "requests of nodes are joined to the balancer's by their address and time alone",
  's-ip': 'which machine a log is of is not known',
}

const defaults =
  'Date,Time,ClientIP,UserName,ServerIP,Method,UriStem,UriQuery,HttpStatus,Win32Status,TimeTaken,ServerPort,UserAgent,Referer,HttpSubStatus'

/** Sentences, the most telling first; none where there is no incident to know more of. */
export function missingFrom(files: readonly ReadFile[], incidents: readonly FoundIncident[]): string[] {
  if (incidents.length === 0) return []
  const has = (kind: ReadFile['kind']) => files.some((each) => each.kind === kind)
  const logs = files.filter(({ kind, lines }) => (kind === 'balancer' || kind === 'node') && lines > 0)
  const fields = [...flags.keys()].flatMap((field) => {
    const without = logs.filter((each) => !each.fields.includes(field))
    return without.length === 0
      ? []
      : [
          `${field} is not logged in ${without[0]?.file}${without.length > 1 ? ` and ${without.length - 1} more` : ''}: ${why[field]}. Add it: appcmd set config -section:sites "/siteDefaults.logFile.logExtFileFlags:${defaults}" /commit:apphost`,
        ]
  })
  const unknown = incidents.filter(({ node }) => node === 'unknown').length
  const nodes = files.filter(({ kind }) => kind === 'node')
  return [
    ...fields,
    ...(has('balancer') && nodes.length === 0
      ? [
          'the logs of the nodes were not given: they tell which node it was, and whether it started cold or one page was slow',
        ]
      : []),
    ...(has('events')
      ? []
      : [
          "the event logs of the nodes were not given: they tell which workers recycled, and why. On each node: Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-WAS'} | ForEach-Object ToXml > was.xml",
        ]),
    ...(has('http_errors') || !has('balancer')
      ? []
      : [
          'the HTTPERR logs of the nodes (%SystemRoot%\\System32\\LogFiles\\HTTPERR) were not given: they tell which requests a worker took along when it ended',
        ]),
    ...(unknown > 0 && nodes.length > 0 && !nodes.some(({ fields: known }) => known.includes('x-arr-log-id'))
      ? [
          `for ${unknown} of ${incidents.length} no node is known: have the nodes log the header X-ARR-LOG-ID, by which requests are joined for sure: appcmd set config -section:sites "/+siteDefaults.logFile.customFields.[logFieldName='X-ARR-LOG-ID',sourceName='X-ARR-LOG-ID',sourceType='RequestHeader']" /commit:apphost`,
        ]
      : []),
  ]
}
