/** What farmprobe's journal has of the incidents that logs show. */
import type { FoundIncident, SeenByFarmprobe } from '../iis/explain/found_incidents.ts'
import type { JournalReader } from '../journal/read/reader.ts'
import { blamePhrase } from '../report/incident_phrases.ts'
import { minuteMs } from '../runtime/duration.ts'

/** Users' requests and probes see the same trouble begin and end as far apart, in milliseconds. */
const apartMs = minuteMs

/** The incidents, each with what farmprobe saw meanwhile. */
export function withSeen(incidents: readonly FoundIncident[], journal: JournalReader): FoundIncident[] {
  const farms = journal.farms()
  const watched = { fromMs: journal.oldestMs(), toMs: journal.lastSignMs() ?? 0 }
  return incidents.map((incident) => {
    const { farm, openedMs, closedMs } = incident
    const span = { sinceMs: openedMs - apartMs, untilMs: closedMs + apartMs }
    const about = farms.includes(farm) ? { farm } : {}
    const found = journal
      .incidents(span, about, Number.MAX_SAFE_INTEGER)
      .map(({ id, node, cause, summary }) => ({ id, node, cause, summary }))
    const why = [
      ...(closedMs < watched.fromMs || openedMs > watched.toMs
        ? ['its journal has nothing of that time']
        : []),
      ...journal.blind(span, about).map(({ sentence }) => sentence),
    ]
    const nothing = why.length > 0 ? why : ['it saw nothing of it']
    const told = found.map(
      ({ id, node, cause, summary }) => `${summary} (${blamePhrase(node, cause)}; ${id})`,
    )
    return { ...incident, farmprobe: { incidents: found, said: told.length > 0 ? told : nothing } }
  })
}

/** How far logs and farmprobe say the same; none where no journal was given. */
export function agreement(incidents: readonly FoundIncident[]): string[] {
  const all = incidents.flatMap(({ node, cause, farmprobe }) =>
    farmprobe ? [{ node, cause, farmprobe }] : [],
  )
  if (all.length === 0) return []
  const alike = (is: (one: FoundBlame, other: FoundBlame) => boolean) =>
    all.filter((each) => each.farmprobe.incidents.some((other) => is(each, other))).length
  const node = alike((one, other) => one.node === other.node)
  const cause = alike((one, other) => one.node === other.node && one.cause === other.cause)
  return [
    `It saw ${alike(() => true)} of ${all.length} incidents; in ${node} it tells the same culprit, in ${cause} the same cause too`,
  ]
}

type FoundBlame = Pick<SeenByFarmprobe['incidents'][number], 'node' | 'cause'>
