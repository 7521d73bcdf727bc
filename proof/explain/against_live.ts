/** Holds what `explain` finds in the logs of a recorded farm against the incidents that farmprobe tells live. */
import { explainLogs } from '../../src/iis/explain/explain_logs.ts'
import type { FoundIncident } from '../../src/iis/explain/found_incidents.ts'
import type { Incident } from '../../src/model/incident.ts'
import { minuteMs } from '../../src/runtime/duration.ts'
import type { Recording } from '../truth/zoo/recording/recording.ts'
import { replay } from '../truth/zoo/recording/replay.ts'
import { logsOfRecording, stretch } from './logs_of_recording.ts'

/** One that farmprobe told, and what the logs show of its time. */
interface Pair {
  readonly live: Incident
  readonly found: FoundIncident | undefined
}

export interface AgainstLive {
  readonly pairs: readonly Pair[]
  /** Of the logs, while farmprobe was told of none: neither of one that was over nor of one that went on. */
  readonly alone: readonly FoundIncident[]
}

/** Incidents that users noticed and that were over. With time stretched in the logs, `quiet` is as much shorter live. */
export async function againstLive(recording: Recording): Promise<AgainstLive> {
  const logs = logsOfRecording(recording)
  const open = (path: string) =>
    async function* () {
      yield Buffer.from(logs.get(path) ?? '')
    }
  const { incidents } = await explainLogs([...logs.keys()], { farm: 'zoo', open })
  const events = await replay(recording, undefined, minuteMs / stretch)
  const told = events.flatMap((event) =>
    event.kind === 'incident_opened' || event.kind === 'incident_closed' ? [event.snapshot] : [],
  )
  const live = [...new Map(told.map((each) => [each.id, each])).values()]
  const realMs = (ms: number) => recording.startMs + (ms - recording.startMs) / stretch
  const meets = ({ openedMs, closedMs }: Incident, found: FoundIncident) =>
    realMs(found.openedMs) <= (closedMs ?? recording.endMs) && realMs(found.closedMs) >= openedMs
  const closed = live.filter(({ impact, closedMs }) => impact === 'users' && closedMs !== null)
  return {
    pairs: closed.map((each) => ({ live: each, found: incidents.find((found) => meets(each, found)) })),
    alone: incidents.filter((found) => !live.some((each) => meets(each, found))),
  }
}
