import type { Explanation } from '../iis/explain/explain_logs.ts'
import type { Where } from '../iis/explain/failed_request.ts'
import type { FoundIncident } from '../iis/explain/found_incidents.ts'
import { blamePhrase, sharePhrase } from '../report/incident_phrases.ts'
import { formatSpan } from '../runtime/duration.ts'
import { printable } from '../runtime/printable.ts'
import type { Stream } from './process_edge.ts'
import { counted, type Paint, painter } from './terminal_text.ts'

/** What logs show, for people: counts, then the incidents, each with what it rests on. */
export function explainedText(explanation: Explanation, stream: Stream): string {
  const paint = painter(stream)
  const { incidents } = explanation
  const body = incidents.map((incident) => incidentText(incident, paint))
  return `${[summary(explanation, paint), ...body].join('\n\n')}\n`
}

function summary({ farm, requests, failed, left, nodes, incidents }: Explanation, paint: Paint): string {
  const share = failed === 0 ? 'none failed' : `${failed} failed (${sharePhrase(failed, requests)})`
  const lines = [
    `${paint('bold', printable(farm))}: ${counted(requests, 'request')}, ${share}, in ${counted(incidents.length, 'incident')}`,
    ...(left > 0
      ? [
          `${counted(left, 'client')} left before the answer (502.3.64): no fault of the farm, and not among the incidents`,
        ]
      : []),
    ...(nodes.length > 0 ? [`nodes: ${nodes.map(printable).join(', ')}`] : []),
  ]
  return lines.join('\n')
}

function incidentText(incident: FoundIncident, paint: Paint): string {
  const { openedMs, closedMs, node, cause, summary, why, checks } = incident
  const title = `${paint('bold', `${moment(openedMs)} UTC`)}  ${formatSpan(closedMs - openedMs)}  ${blamePhrase(node === 'unknown' && cause !== 'unknown' ? 'a node' : node, cause)}`
  const rows = [
    paint('red', printable(summary)),
    `${paint('dim', 'asked for')}  ${checks.map(printable).join(', ')}`,
    ...why.map(
      ({ sentence, where, lines }) =>
        `${paint('dim', 'because')}  ${printable(sentence)}${places(where, lines)}`,
    ),
    `${paint('dim', 'cure')}  ${incident.cure.replaceAll('`', '')}`,
  ]
  return [title, ...rows.map((row) => `  ${row}`)].join('\n')
}

/** `u_ex260303.log:12, 14, 15 and 3 more`. */
function places(where: readonly Where[], lines: number): string {
  if (where.length === 0) return ''
  const files = [...Map.groupBy(where, ({ file }) => file)]
  const shown = files.map(([file, all]) => `${printable(file)}:${all.map(({ line }) => line).join(', ')}`)
  const rest = lines - where.length
  return `  [${shown.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}]`
}

const moment = (atMs: number) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
