import type { Explanation } from '../iis/explain/explain_logs.ts'
import { barChart, escaped } from '../report/charts.ts'
import { list, pageHtml } from '../report/html.ts'
import { formatSpan, minuteMs } from '../runtime/duration.ts'
import { greatest, least } from '../runtime/extremes.ts'
import { blameWords, countsLine, farmsOf, momentOf, proofLine, sectionsOf } from './explain_text.ts'

/** What logs show as one page in one file: a strip of the failed requests over time, then each incident with its lines. */
export function explainedHtml(explanation: Explanation): string {
  const { incidents } = explanation
  const farm = farmsOf(explanation)
  const sections = Object.entries(sectionsOf(explanation)).flatMap(([title, lines]) => list(title, lines))
  return pageHtml(farm, `What the logs of ${escaped(farm)} show <small>UTC</small>`, [
    `<p>${escaped(countsLine(explanation))}.</p>`,
    ...strip(incidents),
    ...incidents.flatMap((incident) => [
      `<section><h2>${momentOf(incident.openedMs)} <small>${formatSpan(incident.closedMs - incident.openedMs)}</small> ${escaped(blameWords(incident))}</h2>`,
      `<p class="bad">${escaped(incident.summary)}</p>`,
      ...list('Because', incident.why.map(proofLine)),
      ...list('What farmprobe saw', incident.farmprobe?.said ?? []),
      ...list('Cure', [incident.cure]),
      '</section>',
    ]),
    ...sections,
  ])
}

function strip(incidents: Explanation['incidents']): string[] {
  if (incidents.length === 0) return []
  const span = {
    sinceMs: least(incidents.map(({ openedMs }) => openedMs)) - minuteMs,
    untilMs: greatest(incidents.map(({ closedMs }) => closedMs)) + minuteMs,
  }
  const stepMs = Math.max(1, Math.ceil((span.untilMs - span.sinceMs) / 120 / minuteMs)) * minuteMs
  const counts = new Map<number, number>()
  for (const { openedMs, codes } of incidents) {
    const atMs = span.sinceMs + Math.floor((openedMs - span.sinceMs) / stepMs) * stepMs
    const failed = Object.values(codes).reduce((sum, count) => sum + count, 0)
    counts.set(atMs, (counts.get(atMs) ?? 0) + failed)
  }
  const bars = [...counts].map(([atMs, count]) => ({ atMs, count }))
  return [barChart('Failed requests, by when their incident began', bars, stepMs, span, [])]
}
