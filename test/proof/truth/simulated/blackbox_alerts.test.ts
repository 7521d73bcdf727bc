import { describe, expect, it } from 'vitest'
import { inForm } from '../../../../proof/truth/jobs.ts'
import { scoreBlackbox } from '../../../../proof/truth/scores/score_blackbox.ts'
import {
  type Alert,
  createAlerting,
  watchWithBlackbox,
} from '../../../../proof/truth/simulated/blackbox_alerts.ts'

const everyMs = 15_000

/** Alerts of a target that is sampled in turn: a duration in milliseconds, or `down`. */
function alertsOf(samples: readonly (number | 'down')[]): Alert[] {
  const alerts: Alert[] = []
  const alerting = createAlerting('web01', (alert) => alerts.push(alert))
  for (const [index, sample] of samples.entries())
    alerting.sample(index * everyMs, sample !== 'down', sample === 'down' ? 1 : sample)
  alerting.end(samples.length * everyMs)
  return alerts
}

describe('blackbox_exporter with alerts', () => {
  it('is down from the first failed scrape to the next good one', () => {
    expect(alertsOf([40, 'down', 'down', 40])).toEqual([
      { target: 'web01', kind: 'down', fromMs: everyMs, toMs: 3 * everyMs },
    ])
  })

  it('finds three times the mean of the last hour slow, the sample itself included', () => {
    const blackbox = Array.from({ length: 20 }, () => 40)
    expect(alertsOf([...blackbox, 130, 40])).toHaveLength(0)
    expect(alertsOf([...blackbox, 150, 40])).toEqual([
      { target: 'web01', kind: 'slow', fromMs: 20 * everyMs, toMs: 21 * everyMs },
    ])
  })

  it('forgets what is older than an hour', () => {
    const slowHour = Array.from({ length: 240 }, () => 1000)
    const quickHour = Array.from({ length: 240 }, () => 40)
    expect(alertsOf([...slowHour, ...quickHour, 200]).map(({ kind }) => kind)).toEqual(['slow'])
  })

  it('does not see what happens between two scrapes', () => {
    const run = watchWithBlackbox(inForm('short outages 1-5 s', 'without'), 1, 86_400_000)
    const { outages, atOnce, afterOneMinute } = scoreBlackbox(run)
    expect(outages).toBeGreaterThan(30)
    expect(atOnce.outages).toBeLessThan(outages / 2)
    expect(atOnce.outages).toBeGreaterThan(0)
    expect(afterOneMinute.outages).toBe(0)
    expect(afterOneMinute.falseAlarms).toBeLessThan(atOnce.falseAlarms)
  })
})
