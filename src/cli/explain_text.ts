import type { Explanation } from '../iis/explain/explain_logs.ts'
import type { Where } from '../iis/explain/failed_request.ts'
import type { FoundIncident } from '../iis/explain/found_incidents.ts'
import type { Proof } from '../iis/explain/proofs.ts'
import type { RecycleCost } from '../iis/explain/recycle_costs.ts'
import { blamePhrase, sharePhrase } from '../report/incident_phrases.ts'
import { formatSpan } from '../runtime/duration.ts'
import { printable } from '../runtime/printable.ts'
import type { Stream } from './process_edge.ts'
import { agreement } from './seen_by_farmprobe.ts'
import { counted, type Paint, painter } from './terminal_text.ts'

/** What logs show, for people: counts, then the incidents, each with what it rests on. */
export function explainedText(explanation: Explanation, stream: Stream): string {
  const paint = painter(stream)
  const { incidents } = explanation
  const body = incidents.map((incident) => incidentText(incident, paint))
  const sections = Object.entries(sectionsOf(explanation)).flatMap(([title, lines]) =>
    lines.length === 0 ? [] : [`${paint('bold', title)}\n${lines.map((line) => `  ${line}`).join('\n')}`],
  )
  return `${[`${paint('bold', printable(farmsOf(explanation)))}: ${countsLine(explanation)}`, ...body, ...sections].join('\n\n')}\n`
}

const mostNamed = 5

/** Their names, those of the largest farms first. */
export function farmsOf({ farms }: Explanation): string {
  const names = farms.slice(0, mostNamed).map(({ farm }) => farm)
  const rest = farms.length - names.length
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

const mostRecycles = 20

/** What is told besides the incidents, by title; a line each. */
export function sectionsOf({
  farms,
  incidents,
  recycles,
  habits,
  clocks,
  missing,
}: Explanation): Readonly<Record<string, string[]>> {
  const costly = recycles.filter(({ requests }) => requests > 0).toSorted((a, b) => b.totalMs - a.totalMs)
  const rest = recycles.length - Math.min(costly.length, mostRecycles)
  return {
    Farms: farms.length < 2 ? [] : farms.map((each) => `${printable(each.farm)}: ${failedWords(each)}`),
    farmprobe: agreement(incidents),
    'Recycles, and the requests that waited for them': [
      ...costly.slice(0, mostRecycles).map(recycleLine),
      ...(rest > 0
        ? [
            `${counted(rest, costly.length > 0 ? 'more recycle' : 'recycle')}, for which ${costly.length > mostRecycles ? 'fewer' : 'no'} requests waited`,
          ]
        : []),
    ],
    Habits: habits.map((line) => printable(line.replaceAll('`', ''))),
    Clocks: clocks.map(
      ({ node, skewMs, by, requests }) =>
        `${printable(node)}'s clock is ${formatSpan(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the balancer's, by ${counted(requests, 'request')} of both logs (${by === 'id' ? 'X-ARR-LOG-ID' : 'when they were sent'}); its times are corrected`,
    ),
    'To know more': missing.map(printable),
  }
}

function recycleLine({ node, pool, atMs, what, where, requests, totalMs, worstMs }: RecycleCost): string {
  const who = pool === '' ? node : `${node}, pool ${pool}`
  const waited = `${counted(requests, 'request')} waited, ${formatSpan(totalMs)} in all, ${formatSpan(worstMs)} at worst`
  return `${momentOf(atMs)} UTC  ${printable(`${who} ${what}: ${waited}`)}${places([where], 1)}`
}

function failedWords({ requests, failed }: Pick<Explanation, 'requests' | 'failed'>): string {
  const share = failed === 0 ? 'none failed' : `${failed} failed (${sharePhrase(failed, requests)})`
  return `${counted(requests, 'request')}, ${share}`
}

/** What was asked, and how much of it failed. */
export function countsLine({ requests, failed, left, nodes, incidents }: Explanation): string {
  return [
    `${failedWords({ requests, failed })}, in ${counted(incidents.length, 'incident')}`,
    ...(left > 0
      ? [`${counted(left, 'client')} left before the answer: no fault of the farm (502.3.64)`]
      : []),
    ...(nodes.length > 0 ? [`nodes: ${nodes.map(printable).join(', ')}`] : []),
  ].join('; ')
}

/** Who did what, where no log names the node too. */
export function blameWords({ node, cause, how }: FoundIncident): string {
  if (how === 'none_healthy' && node === 'balancer') return 'the balancer had no healthy node left'
  return blamePhrase(node === 'unknown' && cause !== 'unknown' ? 'a node' : node, cause)
}

function incidentText(incident: FoundIncident, paint: Paint): string {
  const { openedMs, closedMs, summary, why, checks, farmprobe } = incident
  const title = `${paint('bold', `${momentOf(openedMs)} UTC`)}  ${formatSpan(closedMs - openedMs)}  ${blameWords(incident)}`
  const rows = [
    paint('red', printable(summary)),
    `${paint('dim', 'asked for')}  ${checks.map(printable).join(', ')}`,
    ...why.map((each) => `${paint('dim', 'because')}  ${proofLine(each)}`),
    ...(farmprobe?.said ?? []).map((said) => `${paint('dim', 'farmprobe')}  ${printable(said)}`),
    `${paint('dim', 'cure')}  ${incident.cure.replaceAll('`', '')}`,
  ]
  return [title, ...rows.map((row) => `  ${row}`)].join('\n')
}

export const proofLine = ({ sentence, where, lines }: Proof): string =>
  `${printable(sentence)}${places(where, lines)}`

/** `u_ex260303.log:12, 14, 15 and 3 more`. */
function places(where: readonly Where[], lines: number): string {
  if (where.length === 0) return ''
  const files = [...Map.groupBy(where, ({ file }) => file)]
  const shown = files.map(([file, all]) => `${printable(file)}:${all.map(({ line }) => line).join(', ')}`)
  const rest = lines - where.length
  return `  [${shown.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}]`
}

/** `2026-03-03 08:14:11`, UTC. */
export const momentOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
