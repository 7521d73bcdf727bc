import { exposition } from './metrics/write_probe_metrics.ts'
import type { Module } from './module/module.ts'
import type { Report } from './run_module.ts'

/** What happened, the metrics and the module, as the exporter lays them out: people's scripts cut it at its headings. */
export const debugText = ({ log, findings }: Report, { shown }: Module): string =>
  [
    `Logs for the probe:\n${log.map((line) => `${line}\n`).join('')}`,
    `Metrics that would have been returned:\n${exposition(findings)}`,
    `Module configuration:\n${shown}`,
  ].join('\n\n\n')
