import { expect, test } from 'vitest'
import { readOnChange } from '../../src/runtime/read_on_change.ts'
import { eventually } from '../support/eventually.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'
import { tempDir } from '../support/temp_dir.ts'

/** Follows a folder; each reading takes as long. */
async function following(readingMs: number) {
  const dir = await tempDir()
  const clock = createSimulatedClock()
  let readings = 0
  const stopped = readOnChange(clock, { folder: dir.path, onError: () => {} }, async () => {
    readings += 1
    clock.block(readingMs)
  })
  // At once, and again when the folder is watched.
  await eventually(
    'the first readings',
    () => readings,
    (count) => count === 2,
  )
  const change = async (text: string) => {
    await dir.write('a', text)
    // One timer waits for the next regular reading, another one from now on for the file to settle.
    await eventually(
      'the change',
      () => clock.pending(),
      (count) => count === 2,
    )
  }
  return {
    clock,
    change,
    readings: () => readings - 2,
    async [Symbol.asyncDispose]() {
      await stopped.stop()
      await dir[Symbol.asyncDispose]()
    },
  }
}

test('a file is read when it has settled', async () => {
  await using followed = await following(0)
  const { clock, change, readings } = followed
  await change('1')
  await clock.advance(199)
  expect(readings()).toBe(0)
  await clock.advance(1)
  expect(readings()).toBe(1)
})

test('after a long reading the next one waits for nine times as long', async () => {
  await using followed = await following(500)
  const { clock, change, readings } = followed
  await change('1')
  await clock.advance(4499)
  expect(readings()).toBe(0)
  await clock.advance(1)
  expect(readings()).toBe(1)
})
