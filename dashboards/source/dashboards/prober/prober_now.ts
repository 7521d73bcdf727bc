/** The top of the prober dashboard: whether what the other dashboards show can be trusted. */
import { panelIds } from '../../grafana_names.ts'
import { inRange, ofItself, ofProbers, quantile, ratio } from '../dashboard_expressions.ts'
import { colours, steps } from '../panels/colours.ts'
import type { PanelRow } from '../panels/grid.ts'
import { number, tiles } from '../panels/stat.ts'

const ids = panelIds.prober

/** Of every farmprobe in the time range, even if it is gone now. */
const seen = (metric: string) =>
  `${ofProbers(metric)}\n  and on (job, instance) last_over_time(${ofProbers('farmprobe_build_info')}[$__range])`

const scraped = number({
  id: ids.scraped,
  title: 'Scraped',
  description:
    'Which share of the farmprobes that were seen in the time shown answers Prometheus now. One that does not is in no other panel.',
  unit: 'percentunit',
  decimals: 0,
  none: 'none',
  queries: [{ expr: `avg(${seen('up')})`, legend: 'scraped', as: 'instant' }],
  thresholds: steps(colours.terrible, [1, colours.good]),
})

const configuration = number({
  id: ids.configuration,
  title: 'Configuration',
  description:
    'Whether the last attempt to load the configuration succeeded; after a failure the old one stays in use.',
  unit: 'bool_yes_no',
  queries: [
    { expr: `min(${ofProbers('farmprobe_config_last_reload_successful')})`, legend: 'loaded', as: 'instant' },
  ],
  thresholds: steps(colours.terrible, [1, colours.good]),
})

const version = tiles({
  id: ids.version,
  title: 'Version',
  nameOnly: true,
  description: 'The versions that run, with that of Node.js.',
  unit: 'none',
  queries: [
    {
      expr: `count by (version, node_version) (${ofProbers('farmprobe_build_info')})`,
      legend: '{{version}} on Node {{node_version}}',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.neutral),
})

const uptime = number({
  id: ids.uptime,
  title: 'Up for',
  description: 'Since the start of the farmprobe that started last.',
  unit: 'dtdurations',
  decimals: 0,
  queries: [{ expr: `time() - max(${ofItself('process_start_time_seconds')})`, legend: 'up', as: 'instant' }],
})

const series = number({
  id: ids.series,
  title: 'Series',
  description: 'What one scrape brings; of the largest farmprobe. farmprobe check warns above 50,000.',
  unit: 'short',
  queries: [{ expr: `max(${ofItself('scrape_samples_scraped')})`, legend: 'series', as: 'instant' }],
  thresholds: steps(colours.good, [50_000, colours.notice], [200_000, colours.terrible]),
})

const lag = number({
  id: ids.lag,
  title: 'Lag p99',
  description: 'How late all but one in a hundred probes started at most, in the time shown.',
  unit: 's',
  queries: [
    {
      expr: quantile(0.99, 'le', inRange(ofProbers('farmprobe_schedule_lag_seconds_bucket'))),
      legend: 'p99',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.good, [0.05, colours.notice], [0.5, colours.terrible]),
})

const missed = number({
  id: ids.missed,
  title: 'Missed slots',
  description: 'Probes that should have been made in the time shown and were not.',
  unit: 'short',
  decimals: 0,
  queries: [
    { expr: `sum(${inRange(ofProbers('farmprobe_missed_slots_total'))})`, legend: 'missed', as: 'instant' },
  ],
  thresholds: steps(colours.good, [0.5, colours.notice]),
})

const suspect = number({
  id: ids.suspect,
  title: 'Suspect samples',
  description:
    'The share of probes in the time shown of which a tenth or more may be farmprobe’s own lateness: they are counted, and left out of baselines.',
  unit: 'percentunit',
  decimals: 2,
  queries: [
    {
      expr: ratio(
        `sum(${inRange(ofProbers('farmprobe_suspect_samples_total'))})`,
        `sum(${inRange(ofProbers('farmprobe_schedule_lag_seconds_count'))})`,
      ),
      legend: 'suspect',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.good, [0.001, colours.notice], [0.05, colours.terrible]),
})

export const proberNow: PanelRow = {
  height: 4,
  panels: [scraped, configuration, version, uptime, series, lag, missed, suspect],
}
