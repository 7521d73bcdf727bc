import type { Log } from '../../src/runtime/log.ts'
import { createLog } from '../../src/runtime/log.ts'

/** A log that keeps its lines, so that a test can look at them and nobody has to. */
export function quietLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  return { log: createLog('debug', 'json', { write: (line) => lines.push(line) }), lines }
}
