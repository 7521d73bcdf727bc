/** Incidents, one line each, the newest first, with a heading for each day. */
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import { type Incident, isOpen, lengthMs, timesInWeek } from '../state/known_incidents.ts'
import { linkTo } from '../state/links.ts'
import { now } from '../state/server_clock.ts'
import { length, ordinal, share } from '../words/format.ts'
import { impactWords, whatHappened } from '../words/incident_words.ts'
import { day, isToday, minuteTime, timeOf } from '../words/times.ts'

/** `all`: among which repetitions are counted. `none`: what is said where there is nothing to show. */
export function incidentList(
  shown: readonly Incident[],
  all: readonly Incident[],
  none = 'No incident.',
): Markup {
  if (shown.length === 0) return html`<p class="panel empty">${none}</p>`
  const byDay = Map.groupBy(shown, ({ openedMs }) => day(openedMs))
  const headings = ['Began', 'Users', 'Farm', 'What happened', 'Length', 'Failed']
  return html`
    <div class="incidents panel">
      <table role="table">
        <caption class="visually-hidden">Incidents, the newest first</caption>
        <thead role="rowgroup"><tr role="row">
          ${headings.map((words, index) => html`<th role="columnheader" scope="col" class=${index > 3 ? 'number' : ''}>${words}</th>`)}
        </tr></thead>
        <tbody role="rowgroup">${[...byDay].map(([name, ofDay]) => [dayRow(name, ofDay), ofDay.map((each) => row(each, all))])}</tbody>
      </table>
    </div>`
}

function dayRow(name: string, [first]: readonly Incident[]): Markup {
  const atMs = first?.openedMs ?? 0
  const relative = isToday(atMs) ? 'Today, ' : day(now() - 86_400_000) === name ? 'Yesterday, ' : ''
  return html`
    <tr role="row" class="day" key=${name}><th role="rowheader" scope="rowgroup" colspan="6">${relative}${name}</th></tr>`
}

function row(incident: Incident, all: readonly Incident[]): Markup {
  const { id, impact, farm, openedMs, probes, failed, summary } = incident
  const { tone, short } = impactWords[impact]
  const [culprit, rest] = whatHappened(incident)
  const times = timesInWeek(incident, all)
  return html`
    <tr role="row" key=${id} data-incident=${id}>
      <td role="cell" class="time">${timeOf(openedMs, minuteTime(openedMs))}</td>
      <td role="cell" class="impact"><span class="tag" data-tone=${tone}>${toneShape(tone)}<span>${short}</span></span></td>
      <th role="rowheader" scope="row" class="of-farm">${farm}</th>
      <td role="cell" class="what">
        <a href=${linkTo.incident(id)} title=${summary}><b>${culprit}</b> ${rest}</a>
        ${times > 1 && html` <span class="again">${ordinal(times)} in 7 days</span>`}
        ${incident.maintenance && html` <span class="again">in maintenance</span>`}
      </td>
      <td role="cell" class="number length">${isOpen(incident) ? 'goes on' : length(lengthMs(incident))}</td>
      <td role="cell" class="number share">${impact === 'users' && probes === 0 ? '–' : share(failed, probes)}</td>
    </tr>`
}
