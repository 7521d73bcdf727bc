/** Incidents as the page orders and counts them. */
import type { FarmEvent } from './api_client.ts'
import { now } from './server_clock.ts'

export type Incident = Extract<FarmEvent, { kind: 'incident_opened' }>['snapshot']

export const isOpen = ({ closedMs }: Incident): boolean => closedMs === null

/** Milliseconds from its first sign to its last, or to now. */
export const lengthMs = ({ openedMs, closedMs }: Incident): number => (closedMs ?? now()) - openedMs

/** By harm to users: those that users feel first, then the larger share of failed requests, then the longer one. */
export const worstFirst = (a: Incident, b: Incident): number =>
  Number(b.impact === 'users') - Number(a.impact === 'users') ||
  b.failedShare - a.failedShare ||
  a.openedMs - b.openedMs

const weekMs = 7 * 86_400_000

/** The incidents of the same culprit in the same farm that began before this one, the newest first. */
export const earlierOnes = (incident: Incident, all: readonly Incident[]): Incident[] =>
  all
    .filter(
      ({ farm, node, openedMs }) =>
        farm === incident.farm && node === incident.node && openedMs < incident.openedMs,
    )
    .sort((a, b) => b.openedMs - a.openedMs)

/** The how-manieth of its culprit it is within the seven days up to it: 1 for the first. */
export const timesInWeek = (incident: Incident, all: readonly Incident[]): number =>
  1 + earlierOnes(incident, all).filter(({ openedMs }) => openedMs > incident.openedMs - weekMs).length

/** With `changed` in the place of those with the same id. */
export function mergeIncidents(before: readonly Incident[], changed: readonly Incident[]): Incident[] {
  return [...new Map([...before, ...changed].map((each) => [each.id, each])).values()].sort(
    (a, b) => b.openedMs - a.openedMs,
  )
}
