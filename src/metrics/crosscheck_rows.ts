/** The rows of the table of metrics about what is known from inside nodes. */
import { endReasons, sides } from '../model/workers.ts'
import { counter, gauge } from './metric_row.ts'
import { crosschecked, exporterRead, never } from './zero_rules.ts'

export const crosscheckRows = {
  farmprobe_crosscheck_recycles_total: counter(
    'target',
    'Recycles by who saw them: farmprobe from outside, windows_exporter or WAS inside, or both; only where crosscheck is configured.',
    { bare: true, beyond: { seen: sides }, zero: crosschecked },
  ),
  farmprobe_crosscheck_up: gauge(
    'target',
    '1 if the last reading of windows_exporter on the node succeeded, 0 if not or before the first; only where crosscheck is configured.',
    { bare: true, zero: exporterRead },
  ),
  farmprobe_was_recycles_total: counter(
    'target',
    'Recycles by why the worker ended, as WAS wrote it; each reason only once it was given.',
    { bare: true, beyond: { reason: endReasons }, zero: never },
  ),
  farmprobe_was_covered_timestamp_seconds: gauge(
    'target',
    "Unix time up to which WAS's events of the node are known; only where some came.",
    { bare: true, zero: never },
  ),
} as const
