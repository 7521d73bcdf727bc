/** The graphs of the prober dashboard: punctuality, and the resources that it takes. */
import { panelIds } from '../../grafana_names.ts'
import { increase, itself, ofItself, ofProbers, quantile, rate, sumBy } from '../dashboard_expressions.ts'
import { colours, steps } from '../panels/colours.ts'
import type { Section } from '../panels/grid.ts'
import { heatmap } from '../panels/heatmap.ts'
import { bars, lines } from '../panels/time_series.ts'
import { journalSize, journalWrite } from './prober_journal.ts'

const ids = panelIds.prober

const lagOverTime = lines({
  id: ids.lagOverTime,
  title: 'Schedule lag',
  description:
    'How late probes start after their slot: half of them, and all but one in a hundred, of each farmprobe. It is no part of what is measured, but a sign of too little CPU.',
  unit: 's',
  min: 0,
  queries: [0.5, 0.99].map((q) => ({
    expr: quantile(q, 'instance, le', rate(ofProbers('farmprobe_schedule_lag_seconds_bucket'))),
    legend: `{{instance}} p${q * 100}`,
  })),
})

const lagHeatmap = heatmap({
  id: ids.lagHeatmap,
  title: 'Schedule lag of all probes',
  description: 'How many probes started how late.',
  unit: 's',
  queries: [
    {
      expr: sumBy('le', increase(ofProbers('farmprobe_schedule_lag_seconds_bucket'))),
      legend: '{{le}}',
      as: 'heatmap',
    },
  ],
})

const loopDelay = lines({
  id: ids.loopDelay,
  title: 'Event loop delay of prober threads',
  description:
    'How late the event loop of a thread was at worst in each of its reporting periods; the 10 worst threads at each point. Above some ten milliseconds samples become suspect.',
  unit: 's',
  min: 0,
  queries: [
    {
      expr: `topk(10, max by (instance, prober) (${ofProbers('farmprobe_prober_loop_delay_seconds', 'quantile="1.0"')}))`,
      legend: '{{instance}} thread {{prober}} worst',
    },
    {
      expr: `topk(10, max by (instance, prober) (${ofProbers('farmprobe_prober_loop_delay_seconds', 'quantile="0.99"')}))`,
      legend: '{{instance}} thread {{prober}} p99',
    },
  ],
})

const missedSlots = bars({
  id: ids.missedSlots,
  title: 'Missed slots by farm',
  description:
    'Probes that should have been made around each point and were not; the 10 farms with the most. One farm: its nodes hang, and overlap is used up. All farms: farmprobe was stopped or is overloaded.',
  unit: 'short',
  queries: [
    {
      expr: `topk(10, ${sumBy('farm', increase(ofProbers('farmprobe_missed_slots_total')))})`,
      legend: '{{farm}}',
    },
  ],
})

const suspectSamples = bars({
  id: ids.suspectSamples,
  title: 'Suspect samples',
  description:
    'Probes around each point of which a tenth or more may be the event loop’s own lateness; left out of baselines.',
  unit: 'short',
  queries: [
    {
      expr: sumBy('instance', increase(ofProbers('farmprobe_suspect_samples_total'))),
      legend: '{{instance}}',
    },
  ],
})

const probes = lines({
  id: ids.probes,
  title: 'Probes by lane',
  description:
    'Probes per second: ticks and canaries as scheduled, bursts and sweeps when a farm is in trouble.',
  unit: 'reqps',
  min: 0,
  stacked: true,
  queries: [{ expr: sumBy('lane', rate(ofProbers('farmprobe_probes_total'))), legend: '{{lane}}' }],
})

const inFlight = lines({
  id: ids.inFlight,
  title: 'Probes under way',
  description: 'It rises when targets hang.',
  unit: 'short',
  min: 0,
  queries: [{ expr: `sum by (instance) (${ofProbers('farmprobe_in_flight')})`, legend: '{{instance}}' }],
})

const restarts = bars({
  id: ids.restarts,
  title: 'Restarts of prober threads',
  description: 'Threads that died and were started again around each point. Any is a bug: the log says more.',
  unit: 'short',
  queries: [
    {
      expr: sumBy('instance, prober', increase(ofProbers('farmprobe_prober_restarts_total'))),
      legend: '{{instance}} thread {{prober}}',
    },
  ],
})

const discovery = bars({
  id: ids.discovery,
  title: 'Failed discoveries',
  description: 'Refreshes of a list of nodes that failed around each point; the last good list stays in use.',
  unit: 'short',
  queries: [
    {
      expr: sumBy('farm, kind', increase(ofProbers('farmprobe_discovery_failures_total'))),
      legend: '{{farm}} {{kind}}',
    },
  ],
})

const reloads = lines({
  id: ids.reloads,
  title: 'Age of the configuration',
  description: 'Time since a configuration was last loaded successfully.',
  unit: 'dtdurations',
  min: 0,
  queries: [
    {
      expr: `time() - max by (instance) (${ofProbers('farmprobe_config_last_reload_success_timestamp_seconds')} > 0)`,
      legend: '{{instance}}',
    },
  ],
})

const memory = lines({
  id: ids.memory,
  title: 'Memory',
  description: 'Of the whole process, with all its threads, and what the main thread’s heap uses of it.',
  unit: 'bytes',
  min: 0,
  queries: [
    {
      expr: `max by (instance) (${ofItself('process_resident_memory_bytes')})`,
      legend: '{{instance}} resident',
    },
    { expr: `max by (instance) (${ofItself('nodejs_heap_size_used_bytes')})`, legend: '{{instance}} heap' },
  ],
})

const cpu = lines({
  id: ids.cpu,
  title: 'CPU',
  description:
    'Cores used by all threads. A limit that is reached makes samples suspect before anything else shows.',
  unit: 'none',
  decimals: 2,
  min: 0,
  queries: [
    {
      expr: sumBy('instance', `${rate(ofProbers('process_cpu_seconds_total'))}${itself}`),
      legend: '{{instance}}',
    },
  ],
})

const mainLoop = lines({
  id: ids.mainLoop,
  title: 'Event loop delay of the main thread',
  description:
    'It counts and shows what the prober threads measured; its delay disturbs no measurement, but slows down scrapes and the page.',
  unit: 's',
  min: 0,
  queries: [
    {
      expr: `max by (instance) (${ofItself('nodejs_eventloop_lag_p99_seconds')})`,
      legend: '{{instance}} p99',
    },
  ],
})

const exposition = lines({
  id: ids.exposition,
  title: 'Series per scrape',
  description: 'What one scrape brings. It grows with farms, nodes and checks, and in trouble.',
  unit: 'short',
  min: 0,
  queries: [{ expr: `max by (instance) (${ofItself('scrape_samples_scraped')})`, legend: '{{instance}}' }],
  thresholds: steps(colours.good, [50_000, colours.notice]),
})

const scrapeTime = lines({
  id: ids.scrapeTime,
  title: 'Time of a scrape',
  description: 'How long Prometheus waits for the metrics.',
  unit: 's',
  min: 0,
  queries: [{ expr: `max by (instance) (${ofItself('scrape_duration_seconds')})`, legend: '{{instance}}' }],
})

const files = lines({
  id: ids.files,
  title: 'Open files and sockets',
  description: 'Of the process; the limit is process_max_fds.',
  unit: 'short',
  min: 0,
  queries: [{ expr: `max by (instance) (${ofItself('process_open_fds')})`, legend: '{{instance}}' }],
})

export const proberSections: readonly Section[] = [
  {
    id: ids.scheduleRow,
    title: 'Schedule',
    lines: [
      { height: 8, panels: [lagOverTime, lagHeatmap, loopDelay] },
      { height: 7, panels: [missedSlots, suspectSamples] },
    ],
  },
  {
    id: ids.probesRow,
    title: 'Probes and discovery',
    lines: [{ height: 7, panels: [probes, inFlight, restarts, discovery] }],
  },
  {
    id: ids.processRow,
    title: 'Process',
    lines: [{ height: 7, panels: [memory, cpu, mainLoop, files] }],
  },
  {
    id: ids.scrapesRow,
    title: 'Scrapes, journal and configuration',
    lines: [
      { height: 7, panels: [exposition, scrapeTime] },
      { height: 7, panels: [journalWrite, journalSize, reloads] },
    ],
  },
]
