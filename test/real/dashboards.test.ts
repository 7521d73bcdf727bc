/**
 * The dashboards on the real thing: the demo farm, scraped by a real Prometheus, which is asked every query of every
 * panel, annotation and variable, with the variables filled in.
 */
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { main } from '../support/processes/node_settings.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { type RealPrometheus, startPrometheus } from '../support/processes/real_prometheus.ts'
import {
  annotationQueries,
  filledIn,
  panelQueries,
  variableQueries,
} from '../support/rules/dashboard_queries.ts'
import { askAsGrafana, labelValues } from '../support/rules/grafana_queries.ts'
import { freePort } from '../support/servers/loopback_port.ts'

/** The demo's first story is told within 15 s; Prometheus has to see it, and what comes by chance has to come. */
const withinMs = 60_000

/** Queries that may find nothing in a minute of the demo farm, and why. */
const mayBeEmpty: Readonly<Record<string, string>> = {
  'farmprobe / Farm: Certificate days: A': 'the demo farm speaks plain HTTP',
  'farmprobe / Farm: Targets: K': 'the demo farm speaks plain HTTP',
  'farmprobe / Farm: Incidents: A': 'an incident is over a minute after its last sign',
  'farmprobe / Farm: Incidents per day by cause: A': 'an incident is over a minute after its last sign',
  'farmprobe / Prober: Writing the journal: A': 'the demo keeps no journal',
  'farmprobe / Prober: Writing the journal: B': 'writing the journal does not fail',
  'farmprobe / Prober: Size of the journal: A': 'the demo keeps no journal',
  'farmprobe / Node: Certificate days: A': 'the demo farm speaks plain HTTP',
  'farmprobe / Farm: annotation Deploys': 'the first deploy comes after three minutes',
  'farmprobe / Node: annotation Deploys': 'the first deploy comes after three minutes',
  'farmprobe / Farm: annotation Maintenance': 'the demo farm has no maintenance window',
  'farmprobe / Node: annotation Maintenance': 'the demo farm has no maintenance window',
  'farmprobe / Farm: Failures of nodes by reason: A': 'short outages come by chance, 75 s apart',
  'farmprobe / Node: Failures by reason: A': 'a cold node is slow at first, and fails only by chance',
  'farmprobe / Node: Outages begun: A': 'a cold node is slow at first, and fails only by chance',
  'farmprobe / Node: Its own 502, 503 and 504 by who made them: A':
    'only a worker that shuts down answers 503',
  'farmprobe / Node: Recycles by who saw them: A':
    'on a busy machine the first recycle comes before the exporters have been read',
}

suiteWith('prometheus')('on a real Prometheus, with the demo farm', () => {
  test('every query of the dashboards answers with data', { timeout: 90_000 }, async () => {
    // The first recycle comes within seconds, and is an increase only to a Prometheus that saw the zero before; that
    // takes some seconds to scrape for the first time.
    const port = await freePort()
    await using prometheus = await startPrometheus({ farmprobe: `127.0.0.1:${port}` })
    await eventually(
      'a first scrape',
      () => prometheus.query('up'),
      ({ length }) => length > 0,
    )
    await using _demo = await startProcess({
      command: process.execPath,
      args: [main, 'demo', '--port', `${port}`],
      port,
    })
    const node = await coldNode(prometheus)
    const values = { farm: 'demo', node, rateInterval: '10s', range: '2m' }
    const answered = new Set<string>()
    const asked = [...panelQueries, ...annotationQueries]
    const silent = () => asked.filter(({ where }) => !answered.has(where))
    const ask = async () => {
      for (const query of silent())
        if ((await askAsGrafana(prometheus, query, values)).length > 0) answered.add(query.where)
      return silent().filter(({ where }) => !(where in mayBeEmpty))
    }
    await eventually('an answer to each query', ask, (left) => left.length === 0, withinMs).catch(() => {})
    expect(
      silent()
        .map(({ where }) => where)
        .filter((where) => !(where in mayBeEmpty)),
    ).toEqual([])

    for (const { where, dashboard, series, label, name } of variableQueries) {
      const offered = await labelValues(prometheus, label, filledIn(series, dashboard, values))
      expect({ where, name, offered: offered.length > 0 }).toEqual({ where, name, offered: true })
    }
  })

  test('names only panels that exist among those that may be empty', () => {
    const known = [...panelQueries, ...annotationQueries].map(({ where }) => where)
    expect(Object.keys(mayBeEmpty).filter((where) => !known.includes(where))).toEqual([])
  })
})

/** The node of the first story: the one that recycles first. */
async function coldNode(prometheus: RealPrometheus): Promise<string> {
  const recycled = 'sum by (target) (farmprobe_recycles_total) > 0'
  const [sample] = await eventually(
    'a recycle',
    () => prometheus.query(recycled),
    (samples) => samples.length > 0,
    20_000,
  )
  return sample?.labels.target ?? ''
}
