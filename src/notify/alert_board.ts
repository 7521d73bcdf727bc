/**
 * What Alertmanagers are to know: the alerts that fire, and those that have ended lately. Only the latest state counts, so
 * that an Alertmanager that was away for an hour gets what is true now and nothing else.
 *
 * The labels of an alert identify it in Alertmanager: where one changes, the old alert is resolved and a new one fires. So
 * they change as seldom as can be: impact and severity only get worse, and node and cause change once, from `unknown` to what
 * is known first. Annotations tell what is known now.
 */
import type { Incident } from '../model/incident.ts'
import { minuteMs } from '../runtime/duration.ts'

/** As Prometheus does for its own, in case Alertmanager was away or restarted when the alert ended. */
const repeatResolvedMs = 15 * minuteMs

interface Labels extends Pick<Incident, 'impact' | 'node' | 'cause'> {
  readonly severity: 'warning' | 'critical'
}

export interface Alert {
  readonly labels: Labels
  /** As it was known last. */
  readonly incident: Incident
  readonly startsMs: number
  /** When it ended; undefined while it fires. */
  readonly endsMs: number | undefined
  /** When that was noticed. */
  readonly resolvedMs: number
  /** The number of its last change that is to be sent at once. */
  readonly change: number
}

export type AlertBoard = ReturnType<typeof createAlertBoard>

/** All times are wall milliseconds. */
export function createAlertBoard() {
  const farms = new Map<string, Map<string, Alert>>()
  let changes = 0

  function resolve(farm: Map<string, Alert>, key: string, alert: Alert, endsMs: number, nowMs: number) {
    const ended = { endsMs: Math.max(alert.startsMs, endsMs), resolvedMs: nowMs, change: ++changes }
    farm.set(key, { ...alert, ...ended })
  }

  function fire(farm: Map<string, Alert>, key: string, labels: Labels, incident: Incident) {
    const known = farm.get(key)
    const before = known?.endsMs === undefined ? known : undefined
    const isNews = before?.incident.node !== incident.node || before.incident.cause !== incident.cause
    farm.set(key, {
      labels,
      incident,
      startsMs: before?.startsMs ?? incident.openedMs,
      endsMs: undefined,
      resolvedMs: 0,
      change: isNews ? ++changes : before.change,
    })
  }

  return {
    /** These incidents of a farm go on and are to be told: each second. */
    follow(name: string, open: readonly Incident[], nowMs: number): void {
      const farm = farms.get(name) ?? new Map<string, Alert>()
      if (farm.size === 0 && open.length === 0) return
      farms.set(name, farm)
      // Of two with the same labels the newer one is told.
      const firing = new Map(
        open.map((incident): [string, Pick<Alert, 'labels' | 'incident'>] => {
          const labels = labelsOf(incident, [...farm.values()])
          return [JSON.stringify(Object.values(labels)), { labels, incident }]
        }),
      )
      for (const [key, { labels, incident }] of firing) fire(farm, key, labels, incident)
      for (const [key, alert] of farm)
        if (alert.endsMs === undefined && !firing.has(key)) resolve(farm, key, alert, nowMs, nowMs)
    },
    /** An incident is over, or more became known of one that is. */
    closed(incident: Incident, nowMs: number): void {
      const farm = farms.get(incident.farm) ?? new Map<string, Alert>()
      for (const [key, alert] of farm) {
        if (alert.incident.id !== incident.id) continue
        const last = { ...alert, incident }
        if (alert.endsMs === undefined) resolve(farm, key, last, incident.closedMs ?? nowMs, nowMs)
        else farm.set(key, last)
      }
    },
    /** Exactly these farms are watched: what was wrong with others is not known any more. */
    setFarms(names: ReadonlySet<string>, nowMs: number): void {
      for (const [name, farm] of farms)
        if (!names.has(name))
          for (const [key, alert] of farm)
            if (alert.endsMs === undefined) resolve(farm, key, alert, nowMs, nowMs)
    },
    /** Forgets what ended long ago. */
    forget(nowMs: number): void {
      for (const [name, farm] of farms) {
        for (const [key, { endsMs, resolvedMs }] of farm)
          if (endsMs !== undefined && Math.abs(nowMs - resolvedMs) > repeatResolvedMs) farm.delete(key)
        if (farm.size === 0) farms.delete(name)
      }
    },
    /** The number of the last change. */
    changes: () => changes,
    /** The alerts that changed after that change; all of them after 0. */
    since: (change: number): Alert[] =>
      [...farms.values()].flatMap((farm) => [...farm.values()].filter((alert) => alert.change > change)),
  }
}

/** As for the alert of the spike: a single 502 is worth a ticket and no page. */
const pageable = { errors: 3, failedShare: 0.15 }

/** What fires of an incident already keeps its severity when that is critical, and its culprit when that is known. */
function labelsOf(
  { id, impact, errors, failedShare, node, cause }: Incident,
  told: readonly Alert[],
): Labels {
  const before = told.flatMap(({ incident, labels }) => (incident.id === id ? labels : []))
  const culprit = before.find((labels) => labels.node !== 'unknown') ?? { node, cause }
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0)
  const isCritical =
    before.some(({ severity }) => severity === 'critical') ||
    (failed >= pageable.errors && failedShare >= pageable.failedShare)
  return {
    impact,
    severity: impact === 'users' && isCritical ? 'critical' : 'warning',
    node: culprit.node,
    cause: culprit.cause,
  }
}
