/** What the monitors knew when the last process ended. */
import type { DatabaseSync } from 'node:sqlite'
import type { MonitorPart } from './statements.ts'

/** What was saved of one farm's monitor, as JSON gives it back. */
export type SavedMonitor = Readonly<Partial<Record<MonitorPart, unknown>>>

/** By farm; nothing when there is no file, or what was saved cannot be read. */
export function loadMonitors(db: DatabaseSync | undefined): ReadonlyMap<string, SavedMonitor> {
  const saved = new Map<string, SavedMonitor>()
  for (const row of db?.prepare('SELECT farm, part, json FROM monitors').all() ?? []) {
    const { farm, part, json } = row as { farm: string; part: MonitorPart; json: string }
    saved.set(farm, { ...saved.get(farm), [part]: JSON.parse(json) as unknown })
  }
  return saved
}
