import { expect, test } from 'vitest'
import type { Subject } from '../../../src/model/outcome.ts'
import { threadCpuMs } from '../../../src/runtime/clock.ts'
import {
  clearNote,
  costlyMs,
  createNote,
  noteJudging,
  readNote,
} from '../../../src/schedule/threads/work_note.ts'
import { orderFor } from '../../support/probes/probe_once.ts'

const order = orderFor({ port: 80 })
const subject = {
  farm: order.farm.name,
  role: 'balancer',
  target: 'balancer',
  check: order.check.name,
}

test('a piece of work is known by its name and its number while it lasts, and no longer', () => {
  const note = createNote()
  const judging = noteJudging(note, () => undefined)
  expect(readNote(note)).toBeUndefined()
  expect(judging(order, () => readNote(note))).toEqual({ work: 1, subject })
  expect(judging(order, () => readNote(note)?.work)).toBe(2)
  expect(readNote(note)).toBeUndefined()
  expect(() =>
    judging(order, () => {
      throw new Error('bad')
    }),
  ).toThrow('bad')
  expect(readNote(note)).toBeUndefined()
})

test('names of any length and script are noted, and those of a thread that ended are cleared', () => {
  const note = createNote()
  const farm = { ...order.farm, name: 'Käse日本😀'.repeat(400) }
  noteJudging(note, () => undefined)({ ...order, farm }, () => {
    expect(farm.name).toContain(readNote(note)?.subject.farm.slice(0, -1))
    clearNote(note)
    expect(readNote(note)).toBeUndefined()
  })
})

const workForLong = () => {
  const untilMs = threadCpuMs() + costlyMs
  while (threadCpuMs() < untilMs);
}

test('work that takes long is reported, other work is not', () => {
  const costly: Subject[] = []
  const judging = noteJudging(createNote(), (each) => costly.push(each))
  judging(order, () => undefined)
  expect(costly).toEqual([])
  judging(order, workForLong)
  expect(costly).toEqual([subject])
})

test('work on a long body may take longer', () => {
  const costly: Subject[] = []
  const judging = noteJudging(createNote(), (each) => costly.push(each))
  judging(order, workForLong, 20 * costlyMs)
  expect(costly).toEqual([])
})
