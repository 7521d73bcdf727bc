/**
 * What a prober thread works on at one go, in memory that the main thread reads even while that thread is blocked: a
 * page that takes long to judge has a name then.
 */
import type { Role } from '../../model/farm.ts'
import { type Judging, type Subject, subjectKey } from '../../model/outcome.ts'
import { threadCpuMs } from '../../runtime/clock.ts'

/** The longest name, bytes; a longer one is cut. */
const nameBytes = 2048
const headBytes = 8

export const createNote = (): SharedArrayBuffer => new SharedArrayBuffer(headBytes + nameBytes)

/** Which piece of work it is, counted from the start of the note, and how long its name is; 0: none is under way. */
const viewOf = (note: SharedArrayBuffer) => ({
  head: new Int32Array(note, 0, 2),
  name: new Uint8Array(note, headBytes),
})

/** A piece of work that takes more processor time than this is costly, unless it has a budget of its own. */
export const costlyMs = 250

/** The thread's side: notes each piece of work while it lasts, and reports what was costly. */
export function noteJudging(note: SharedArrayBuffer, onCostly: (subject: Subject) => void): Judging {
  const { head, name } = viewOf(note)
  const text = new TextEncoder()
  return (order, work, budgetMs = costlyMs) => {
    const { farm, check, target } = order
    const subject = { farm: farm.name, role: target.role, target: target.name, check: check.name }
    Atomics.add(head, 0, 1)
    Atomics.store(head, 1, text.encodeInto(subjectKey(subject), name).written)
    const startedMs = threadCpuMs()
    try {
      return work()
    } finally {
      Atomics.store(head, 1, 0)
      if (threadCpuMs() - startedMs >= budgetMs) onCostly(subject)
    }
  }
}

/** What is under way, and its number; undefined when nothing is. */
export function readNote(
  note: SharedArrayBuffer,
): { readonly work: number; readonly subject: Subject } | undefined {
  const { head, name } = viewOf(note)
  const length = Atomics.load(head, 1)
  if (length === 0) return undefined
  const [farm = '', role = 'node', target = '', check = ''] = Buffer.from(name.slice(0, length))
    .toString()
    .split('\n')
  return { work: Atomics.load(head, 0), subject: { farm, role: role as Role, target, check } }
}

/** For a thread that has ended. */
export const clearNote = (note: SharedArrayBuffer): void => void Atomics.store(viewOf(note).head, 1, 0)
