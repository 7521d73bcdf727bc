/** An incident in at most eight lines: its events in order, repetitions counted, the least telling left out. */
import type { FarmEvent, IncidentAnswer } from '../state/api_client.ts'
import { failureWords } from '../words/words.ts'
import type { IncidentData } from './incident_data.ts'

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

/** When an event ended as users met it: an error, or a first request, when it was answered. */
const shownMs = (event: Telling): number => event.atMs + ('firstByteMs' in event ? event.firstByteMs : 0)

export function storyOf({ incident, failures }: IncidentData): StoryLine[] {
  const { events, closedMs } = incident
  const hasErrors = events.some(({ kind }) => kind === 'balancer_error')
  const first = firstError(incident, failures)
  const groups = Map.groupBy(
    events.filter(isTelling).filter((event) => !hasErrors || !isOutageOfBalancer(event)),
    keyOf,
  )
  const lines = [...groups.values()]
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, mostLines - (first === undefined ? 1 : 2))
    .flatMap((group): StoryLine[] => {
      const [event] = group
      if (event === undefined) return []
      const line = { atMs: shownMs(event), text: event.sentence.replace(/\.$/, '') + timesWords(group) }
      if (event.kind !== 'balancer_error' || event.probe !== first?.id) return [line]
      return [{ ...line, bold: fromHere }]
    })
  if (first !== undefined && lines.every(({ bold }) => bold === undefined))
    lines.push({
      atMs: first.atMs,
      text: `The first request through the balancer failed: ${first.words}`,
      bold: fromHere,
    })
  lines.sort((a, b) => a.atMs - b.atMs)
  const end =
    closedMs === null ? [] : [{ atMs: closedMs, text: 'The last sign of it: from here on all was well' }]
  return [...lines, ...end]
}

const fromHere = 'From here users got errors.'

/** The first failed answer of the balancer, when it came; where it is not among the failures, when its request was sent. */
function firstError({ usersMs }: IncidentAnswer, failures: IncidentData['failures']) {
  if (usersMs === null) return undefined
  const first = failures
    .filter(({ role }) => role === 'balancer')
    .map(({ id, atMs, totalMs, reason, status }) => ({
      id,
      sentMs: atMs,
      atMs: atMs + totalMs,
      words: failureWords(reason, status),
    }))
    .sort((a, b) => a.atMs - b.atMs)[0]
  if (first !== undefined && first.sentMs <= usersMs.fromMs + 60_000) return first
  return { id: '', atMs: usersMs.fromMs, words: 'others followed' }
}

const isOutageOfBalancer = (event: Telling) => event.kind === 'outage_opened' && event.role === 'balancer'

const rank = (event: Telling | undefined) => (event === undefined ? 0 : telling.indexOf(event.kind))

const timesWords = ({ length }: readonly Telling[]) =>
  length === 1 ? '' : `, and ${length - 1} more like it`
