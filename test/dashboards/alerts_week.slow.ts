/** An ordinary week of a farm: what it is told of is told once, and nobody is paged. */
import { expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { firstRequests, incidents, recycled } from '../support/rules/alert_cases.ts'
import { testRules } from '../support/rules/rule_cases.ts'
import { rulesWith } from '../support/rules/rule_files.ts'
import { inputSeries, type Span } from '../support/rules/scene.ts'

const hour = 3600
/** `FARMPROBE_LONG=1`: the whole of it. */
const days = process.env['FARMPROBE_LONG'] === '1' ? 7 : 2
const until = days * 24 * hour

const everyDay = (...hours: readonly number[]) =>
  Array.from({ length: days }, (_, day) => hours.map((at) => (24 * day + at) * hour)).flat()
const everyTimer = (firstHour: number) =>
  Array.from({ length: days }, (_, turn) => (firstHour + 29 * turn) * hour).filter((at) => at < until)

/** Two a day, and a third on the first: three are a finding. */
const bursts = [9 * hour, 15.5 * hour, 20 * hour, ...everyDay(9, 15.5).slice(2)]
/** On working days, one node after the other. */
const deploys = everyDay(11).slice(0, 5)
const timers = { web01: everyTimer(3), web02: everyTimer(7) }

const recycles = (target: 'web01' | 'web02') => {
  const later = target === 'web01' ? 0 : 40
  const times = [...timers[target], ...deploys.map((at) => at + later)].sort((one, other) => one - other)
  return [recycled(target, times), ...firstRequests(target, 12, times)]
}

const scene = {
  probe: 5,
  scrape: 60,
  until,
  balancerFails: bursts.map((at): Span => [at, at + 5]),
  more: [...recycles('web01'), ...recycles('web02'), ...incidents(bursts)],
}

const firing = (severity: string) => `ALERTS{alertstate="firing",severity="${severity}"}`
/** The tickets that begin in a minute: promtool's queries may not look at as many samples as a week has. */
const begun = {
  record: 'alertname:tickets_begun:count',
  expr: `count by (alertname) (${firing('warning')} unless ${firing('warning')} offset 1m)`,
}

suiteWith('promtool')('promtool', () => {
  test(`sees at most one ticket for a finding and day in ${days} days, and no page`, {
    timeout: 900_000,
  }, async () => {
    const found = ['FarmprobeFirstRequestSlow', 'FarmprobeRepeatedIncidents']
    const promql_expr_test = [
      {
        expr: `group(count_over_time(${firing('critical')}[${days}d]))`,
        eval_time: `${days}d`,
        exp_samples: [],
      },
      {
        expr: `group by (alertname) (sum_over_time(${begun.record}[${days}d]))`,
        eval_time: `${days}d`,
        exp_samples: found.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
      },
      ...Array.from({ length: days }, (_, day) => ({
        expr: `sum_over_time(${begun.record}[1d]) > 1`,
        eval_time: `${day + 1}d`,
        exp_samples: [],
      })),
    ]
    const tests = [{ interval: '60s', input_series: inputSeries(scene), promql_expr_test }]
    // All but those on farmprobe itself, which nothing happens to.
    const { groups } = rulesWith(
      ({ annotations }) => !annotations.dashboard_url?.includes('farmprobe-prober'),
    )
    const rules = { groups: [...groups, { name: 'begun', rules: [begun] }] }
    expect(await testRules(rules, { evaluation_interval: '60s', tests })).toMatchObject({
      ok: true,
      said: expect.stringContaining('SUCCESS'),
    })
  })
})
