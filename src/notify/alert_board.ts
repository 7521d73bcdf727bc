/**
 * What Alertmanagers are to know: the alerts that fire, and those that have ended lately. Only the latest state counts, so
 * that an Alertmanager that was away for an hour gets what is true now and nothing else.
 *
 * The labels of an alert identify it in Alertmanager: where one changes, the old alert is resolved and a new one fires. So
 * labels are only what decides who is told: farm, impact and severity. The culprit and its cause become known while an
 * incident goes on, and may be corrected afterwards; they are annotations, so that one trouble stays one alert, is resolved
 * for sure, and is the same alert to two farmprobes that watch the same farm.
 */
import type { Incident } from '../model/incident.ts'
import { minuteMs } from '../runtime/duration.ts'

/** As Prometheus does for its own, in case Alertmanager was away or restarted when the alert ended. */
const repeatResolvedMs = 15 * minuteMs

export interface Alert {
  readonly severity: 'warning' | 'critical'
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

  function fire(farm: Map<string, Alert>, key: string, severity: Alert['severity'], incident: Incident) {
    const known = farm.get(key)
    const before = known?.endsMs === undefined ? known : undefined
    const isNews = before?.incident.node !== incident.node || before.incident.cause !== incident.cause
    farm.set(key, {
      severity,
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
        open.map((incident): [string, Pick<Alert, 'severity' | 'incident'>] => {
          const severity = severityOf(incident, farm)
          return [`${incident.impact} ${severity}`, { severity, incident }]
        }),
      )
      for (const [key, { severity, incident }] of firing) fire(farm, key, severity, incident)
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

/** An incident that was critical stays so. */
function severityOf(
  { id, impact, errors, failedShare }: Incident,
  farm: ReadonlyMap<string, Alert>,
): Alert['severity'] {
  if (impact === 'hidden') return 'warning'
  const was = [...farm.values()].some(
    ({ incident, severity }) => incident.id === id && severity === 'critical',
  )
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0)
  return was || (failed >= pageable.errors && failedShare >= pageable.failedShare) ? 'critical' : 'warning'
}
