/** The words of a message about an incident, which all formats share. */
import type { Incident } from '../model/incident.ts'
import { formatSpan } from '../runtime/duration.ts'
import type { Links } from './alertmanager_alert.ts'
import type { Announcement } from './announcements.ts'

export interface Message {
  readonly title: string
  /** Red, amber or green. */
  readonly tone: 'bad' | 'warning' | 'good'
  readonly summary: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly cure: string
  readonly page: string
  readonly runbook: string
}

export function messageOf({ occasion, incident }: Announcement, links: Links): Message {
  const { id, farm, impact, openedMs, closedMs, summary, cure, runbook } = incident
  const isOver = occasion === 'closed'
  const what = impact === 'users' ? 'requests fail' : 'a node is in trouble'
  return {
    title: isOver ? `${farm}: over after ${lengthOf(incident)}` : `${farm}: ${what}`,
    tone: isOver ? 'good' : impact === 'users' ? 'bad' : 'warning',
    summary,
    facts: [
      ['Culprit', culprit(incident)],
      ['Began', utc(openedMs)],
      ...(closedMs === null ? [] : [['Ended', utc(closedMs)] as const]),
      ['Incident', id],
    ],
    cure: `${cure}.`,
    page: links.incident(id),
    runbook: links.runbook(runbook),
  }
}

const lengthOf = ({ openedMs, closedMs }: Incident) => formatSpan((closedMs ?? openedMs) - openedMs)

const culprit = ({ node, cause }: Incident) =>
  node === 'unknown' ? 'not known' : `${node} (${cause.replaceAll('_', ' ')})`

/** `2026-12-01 03:02:18 UTC`: who reads it may be anywhere. */
const utc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
