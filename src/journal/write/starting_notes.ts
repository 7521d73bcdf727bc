/** What a new process has to say first: for how long nobody watched, and that it watches now. */

import type { Store } from '../file/statements.ts'
import type { Note } from '../note.ts'

export function startingNotes({ db }: Store, nowMs: number, version: string): Note[] {
  const start = { kind: 'start', atMs: nowMs, version } as const
  const lastMs = db.prepare(`SELECT value FROM meta WHERE name = 'last_write_ms'`).get()?.['value']
  if (typeof lastMs !== 'number' || lastMs >= nowMs) return [start]
  const lastNote = db.prepare('SELECT kind FROM notes ORDER BY id DESC LIMIT 1').get()?.['kind']
  const why = lastNote === 'stop' ? 'stopped' : 'killed'
  return [{ kind: 'blind', atMs: lastMs, untilMs: nowMs, why }, start]
}
