/** What the pages of incidents show beyond what is always known: read from the API. */
import { useEffect, useState } from 'preact/hooks'
import {
  type Answer,
  type Failure,
  get,
  getIncident,
  type IncidentAnswer,
  messageOf,
} from '../state/api_client.ts'
import { type Incident, isOpen, mergeIncidents } from '../state/known_incidents.ts'
import type { Range } from '../state/ranges.ts'
import { after, type Cancel } from '../state/server_clock.ts'
import { onBatch } from '../state/stream_client.ts'

/** The incidents of a range, with those that are known already in their newest state. */
export function useIncidents(known: readonly Incident[], range: Range) {
  const [read, setRead] = useState<readonly Incident[]>([])
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const leaving = new AbortController()
    get('incidents', { since: range.name }, leaving.signal)
      .then(({ incidents }) => {
        setRead(incidents)
        setProblem(undefined)
      })
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) setProblem(`This could not be read: ${messageOf(error)}`)
      })
    return () => leaving.abort()
  }, [range.name])
  return { incidents: mergeIncidents(read, known), problem }
}

export interface IncidentData {
  readonly incident: IncidentAnswer
  /** Its failed probes, the oldest first. */
  readonly failures: readonly Failure[]
  /** How many probes each target had, minute by minute. */
  readonly strips: Answer<'strips'>
}

/** An open incident grows: it is read again this often, */
const refreshMs = 5000
const retryMs = 3000
/** and this long after it began or ended as an event says, since more may follow at once. */
const soonMs = 500
const mostFailures = 500
/** How much is read around the incident, at least. */
const aroundMs = 60_000

export function useIncident(id: string) {
  const [data, setData] = useState<IncidentData>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const leaving = new AbortController()
    let cancel: Cancel = () => undefined
    const readIn = (ms: number) => {
      cancel()
      cancel = after(ms, read)
    }
    const read = async () => {
      try {
        const found = await readIncident(id, leaving.signal)
        if (leaving.signal.aborted) return
        setData(found)
        setProblem(undefined)
        if (isOpen(found.incident)) readIn(refreshMs)
      } catch (error) {
        if (leaving.signal.aborted) return
        setProblem(messageOf(error))
        readIn(retryMs)
      }
    }
    setData(undefined)
    void read()
    const stop = onBatch(({ events }) => {
      if (events.some(({ incident }) => incident === id)) readIn(soonMs)
    })
    return () => {
      leaving.abort()
      cancel()
      stop()
    }
  }, [id])
  return { data, problem }
}

async function readIncident(id: string, signal: AbortSignal): Promise<IncidentData> {
  const incident = await getIncident(id, signal)
  const { farm, openedMs, closedMs } = incident
  const until = closedMs === null ? undefined : closedMs + aroundMs
  const [{ failures }, strips] = await Promise.all([
    get(
      'failures',
      { farm, since: openedMs, until: closedMs === null ? undefined : closedMs + 1, limit: mostFailures },
      signal,
    ),
    get('strips', { farm, since: openedMs - aroundMs, until }, signal),
  ])
  return { incident, failures: failures.toReversed(), strips }
}
