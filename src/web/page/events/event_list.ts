/** The feed as a list, the newest first, with a heading for each day. */
import { useMemo } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { shape } from '../parts/shapes.ts'
import type { FeedEntry } from '../state/feed.ts'
import { linkTo } from '../state/links.ts'
import { day, timeOf } from '../words/times.ts'
import { entryTone } from '../words/words.ts'

/** The link of an entry shows the events of this time before and after it. */
const aroundMs = 1_800_000

export interface EventListProps {
  readonly entries: readonly FeedEntry[]
  /** The id of an entry that is marked. */
  readonly marked?: string | undefined
  readonly showsFarms?: boolean
}

/** Redrawn only when the entries change. */
export function EventList({ entries, marked, showsFarms = false }: EventListProps): Markup {
  return useMemo(() => {
    const days = entries.map(({ atMs }) => day(atMs))
    return html`
      <ol class="events">
        ${entries.length === 0 && html`<li class="empty">Nothing happened.</li>`}
        ${entries.map((entry, index) => [
          index > 0 &&
            days[index] !== days[index - 1] &&
            html`<li class="day" key=${days[index]}>${days[index]}</li>`,
          item(entry, entry.id === marked, showsFarms),
        ])}
      </ol>`
  }, [entries, marked, showsFarms])
}

const isoTime = (ms: number) => new Date(ms).toISOString()

function item(entry: FeedEntry, isMarked: boolean, showsFarm: boolean): Markup {
  const { id, kind, atMs, farm, sentence } = entry
  const explanation = 'tells' in entry ? entry.tells : undefined
  const around = { at: id, since: isoTime(atMs - aroundMs), until: isoTime(atMs + aroundMs) }
  return html`
    <li key=${id} class=${isMarked ? 'event marked' : 'event'} data-id=${id} data-kind=${kind}>
      <a class="time" href=${linkTo.events(around)}>${timeOf(atMs)}</a>
      ${shape(kind, entryTone(entry))}
      <span class="sentence">
        ${showsFarm && farm !== undefined && html`<span class="farm-name">${farm}</span>`}
        ${withLink(sentence, farm, targetOf(entry))}
        ${explanation !== undefined && html`<span class="explanation">Made by ${explanation}.</span>`}
      </span>
    </li>`
}

/** The one target that an entry is about; undefined when there is none or more than one. */
function targetOf(entry: FeedEntry): string | undefined {
  if (entry.kind === 'balancer_error')
    return ['balancer', 'unknown'].includes(entry.node) ? undefined : entry.node
  return 'target' in entry ? entry.target : undefined
}

/** The sentence, with the target's name as a link to its page. */
function withLink(sentence: string, farm: string | undefined, target: string | undefined): Markup {
  const at = target === undefined || farm === undefined ? -1 : sentence.indexOf(target)
  if (target === undefined || farm === undefined || at < 0) return sentence
  const link = html`<a href=${linkTo.target(farm, target)}>${target}</a>`
  return [sentence.slice(0, at), link, sentence.slice(at + target.length)]
}
