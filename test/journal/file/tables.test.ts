import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate, migrations, versionOf } from '../../../src/journal/file/tables.ts'

const tables = (db: DatabaseSync) =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name)

test('an older file is brought up to date, step by step, and keeps what it holds', () => {
  using db = new DatabaseSync(':memory:')
  const steps = ['CREATE TABLE one (x INTEGER)', 'ALTER TABLE one ADD COLUMN y INTEGER DEFAULT 7']
  migrate(db, steps.slice(0, 1))
  db.exec('INSERT INTO one VALUES (1)')
  migrate(db, steps)
  expect(versionOf(db)).toBe(2)
  expect(db.prepare('SELECT * FROM one').get()).toEqual({ x: 1, y: 7 })
})

test('a step that fails leaves the file as it was', () => {
  using db = new DatabaseSync(':memory:')
  expect(() => migrate(db, ['CREATE TABLE one (x)', 'CREATE TABLE nonsense (('])).toThrow('syntax error')
  expect(versionOf(db)).toBe(0)
  expect(tables(db)).toEqual([])
})

test('what is up to date is left alone', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const before = tables(db)
  migrate(db)
  expect(tables(db)).toEqual(before)
  expect(versionOf(db)).toBe(migrations.length)
})

test('the file of a newer farmprobe is refused', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  db.exec('PRAGMA user_version = 99')
  expect(() => migrate(db)).toThrow(
    `it has version 99, made by a newer farmprobe; this one knows versions up to ${migrations.length}`,
  )
})

test('the database of another program is refused', () => {
  using db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE accounts (x)')
  expect(() => migrate(db)).toThrow(
    'it is the database of another program; give the journal a file of its own',
  )
  expect(tables(db)).toEqual(['accounts'])
})
