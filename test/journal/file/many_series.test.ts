import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyRollup } from '../../../src/history/rollup.ts'
import { openFile, openForWriting } from '../../../src/journal/file/database.ts'
import { pruneSeries } from '../../../src/journal/file/previous_process.ts'
import { createStore } from '../../../src/journal/file/statements.ts'
import { tempDir } from '../../support/temp_dir.ts'

test('series without end are not added beyond a hundred thousand; at a start those without probes go', async () => {
  await using dir = await tempDir()
  using db = openForWriting(join(dir.path, 'journal.db'), openFile)
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99998)
    INSERT INTO series (farm, role, target, check_name) SELECT 'intranet', 'node', 'old' || i, 'home' FROM n`)
  const lost: string[] = []
  const store = createStore(db, (table) => void lost.push(table))
  const rollups = ['new1', 'new2', 'new3', 'old5'].map((target) => ({
    subject: { farm: 'intranet', role: 'node' as const, target, check: 'home' },
    rollup: emptyRollup(),
  }))
  store.pending(1, rollups)
  store.minute(0, rollups.slice(0, 1))
  expect(lost).toEqual(['series'])
  pruneSeries(db)
  const left = db.prepare('SELECT target FROM series ORDER BY id').all()
  expect(left.map(({ target }) => target)).toEqual(['old5', 'new1', 'new2'])
})
