import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFileWatch } from '../../src/runtime/watch_file.ts'
import { eventually } from '../support/eventually.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'
import { tempDir } from '../support/temp_dir.ts'

test('a change is noticed within a minute even where the file system reports none; without a change there is none', async () => {
  await using dir = await tempDir()
  const file = await dir.write('bb.yml', 'one')
  const clock = createSimulatedClock()
  let changes = 0
  const watch = createFileWatch(clock, () => changes++)
  await using _ = { [Symbol.asyncDispose]: () => watch.stop() }
  await watch.follow(file)
  /** A minute passes, and the file has been looked at. */
  const minute = async () => {
    await clock.advance(60_000)
    await eventually(
      'the next look',
      () => clock.pending(),
      (timers) => timers > 0,
    )
  }
  await minute()
  expect(changes).toBe(0)
  await writeFile(file, 'another')
  await minute()
  expect(changes).toBe(1)
  await minute()
  expect(changes).toBe(1)
  await rm(file)
  await minute()
  expect(changes).toBe(2)
})

test('a file that never was, or whose folder cannot be watched, is no error; it counts when it is there', async () => {
  await using dir = await tempDir()
  const file = join(dir.path, 'gone', 'bb.yml')
  const clock = createSimulatedClock()
  let changes = 0
  const watch = createFileWatch(clock, () => changes++)
  await using _ = { [Symbol.asyncDispose]: () => watch.stop() }
  await watch.follow(file)
  await mkdir(join(dir.path, 'gone'))
  await writeFile(file, 'one')
  await clock.advance(60_000)
  const seen = () => changes
  await eventually('the change', seen, (count) => count > 0)
  expect(changes).toBe(1)
})

test('a file that is no longer followed reports nothing, and leaves nothing behind', async () => {
  await using dir = await tempDir()
  const [one, two] = [await dir.write('one.yml', 'a'), await dir.write('two.yml', 'b')]
  const clock = createSimulatedClock()
  const changed: string[] = []
  const watch = createFileWatch(clock, () => changed.push('changed'))
  await watch.follow(one)
  await watch.follow(two)
  await writeFile(one, 'other')
  await clock.advance(60_000)
  await eventually(
    'the next look',
    () => clock.pending(),
    (timers) => timers === 1,
  )
  expect(changed).toEqual([])
  await watch.stop()
  expect(clock.pending()).toBe(0)
})
