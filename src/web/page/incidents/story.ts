/** An incident in at most eight lines: its events in order, repetitions counted, the least telling left out. */
import type { FarmEvent, IncidentAnswer } from '../state/api_client.ts'

export interface StoryLine {
  readonly atMs: number
  /** Without a full stop. */
  readonly text: string
  /** What the reader has to see first. */
  readonly bold?: string
}

const mostLines = 8

/** What a story is made of, the most telling first. */
const telling = [
  'balancer_error',
  'deploy',
  'maintenance',
  'recycle',
  'stall',
  'outage_opened',
  'first_request',
] as const

type Telling = Extract<FarmEvent, { kind: (typeof telling)[number] }>

const isTelling = (event: FarmEvent): event is Telling => (telling as readonly string[]).includes(event.kind)

/** Events with the same key are one line. */
function keyOf(event: Telling): string {
  if (event.kind === 'balancer_error') return `${event.kind} ${event.node} ${event.cause}`
  return 'target' in event ? `${event.kind} ${event.target}` : event.kind
}

export function storyOf({ events, impact, usersMs, closedMs }: IncidentAnswer): StoryLine[] {
  const hasErrors = events.some(({ kind }) => kind === 'balancer_error')
  const groups = Map.groupBy(
    events.filter(isTelling).filter((event) => !hasErrors || !isOutageOfBalancer(event)),
    keyOf,
  )
  const kept = [...groups.values()]
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, mostLines - (impact === 'users' && !hasErrors ? 2 : 1))
    .sort(([a], [b]) => (a?.atMs ?? 0) - (b?.atMs ?? 0))
  let isFirst = true
  const lines = kept.flatMap((group): StoryLine[] => {
    const [first] = group
    if (first === undefined) return []
    const line = { atMs: first.atMs, text: first.sentence.replace(/\.$/, '') + timesWords(group) }
    if (first.kind !== 'balancer_error' || !isFirst) return [line]
    isFirst = false
    return [{ ...line, bold: 'From here users got errors.' }]
  })
  if (impact === 'users' && !hasErrors && usersMs !== null)
    lines.push({
      atMs: usersMs.fromMs,
      text: 'The first request at the balancer failed',
      bold: 'From here users got errors.',
    })
  lines.sort((a, b) => a.atMs - b.atMs)
  const end =
    closedMs === null ? [] : [{ atMs: closedMs, text: 'The last sign of it: from here on all was well' }]
  return [...lines, ...end]
}

const isOutageOfBalancer = (event: Telling) => event.kind === 'outage_opened' && event.role === 'balancer'

const rank = (event: Telling | undefined) => (event === undefined ? 0 : telling.indexOf(event.kind))

const timesWords = ({ length }: readonly Telling[]) =>
  length === 1 ? '' : `, and ${length - 1} more like it`
