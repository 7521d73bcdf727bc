import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../src/', import.meta.url))

const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length))

const linesOf = (file: string) => readFileSync(join(root, file), 'utf8').split('\n').length - 1

test('no folder of src has more than 25 files of its own', () => {
  const folders = Map.groupBy(files, dirname)
  expect(folders.size).toBeGreaterThan(30)
  expect([...folders].filter(([, own]) => own.length > 25).map(([folder]) => folder)).toEqual([])
})

test('no source file of src is longer than 250 lines', () => {
  const sources = files.filter((file) => file.endsWith('.ts'))
  expect(sources.length).toBeGreaterThan(300)
  expect(sources.filter((file) => linesOf(file) > 250)).toEqual([])
})

test('no two files of src have one name', () => {
  const names = Map.groupBy(files, (file) => basename(file))
  expect([...names.values()].filter((all) => all.length > 1)).toEqual([])
})
