/** What a detector remembers of each series, node or check of a farm: it comes and goes with its subject. */
import type { Check, Target } from '../model/farm.ts'
import type { Remembering } from './detector.ts'
import type { Scope, Series } from './sample.ts'
import type { Shape } from './shape.ts'

/** How the memory of one subject begins, is kept across a restart and moves in time. */
interface Keeping<State> extends Pick<Shape<State>, 'empty' | 'shifted'> {
  /** Plain JSON; undefined when nothing has to be kept. */
  save(state: State): unknown
  /** The state, with what was saved at some time before `nowMs` as far as it is not damaged. */
  restore(state: State, saved: unknown, nowMs: number): State
}

export interface Memories<Subject, State> extends Remembering {
  /** Undefined when the farm has no such subject. */
  get(key: string): State | undefined
  /** In the order of the configuration. */
  all(): Iterable<{ readonly subject: Subject; readonly state: State }>
}

export const bySeries = ({ series }: Scope): ReadonlyMap<string, Series> => series

export const byNodeSeries = ({ series }: Scope): ReadonlyMap<string, Series> =>
  new Map([...series].filter(([, { target }]) => target.role === 'node'))

export const byNode = ({ farm }: Scope): ReadonlyMap<string, Target> =>
  new Map(farm.nodes.map((node) => [node.name, node]))

export const byCheck = ({ farm }: Scope): ReadonlyMap<string, Check> =>
  new Map(farm.checks.map((check) => [check.name, check]))

/** Keeps all of a memory. */
export const wholly = <State>({ empty, fits, shifted }: Shape<State>): Keeping<State> => ({
  empty,
  save: (state) => state,
  restore: (state, saved) => (fits(saved) ? saved : state),
  shifted,
})

/** `holds` says whether a memory still holds when its subject is changed; it does unless this is given. */
export function createMemories<Subject, State>(
  subjectsOf: (scope: Scope) => ReadonlyMap<string, Subject>,
  { empty, save, restore, shifted }: Keeping<State>,
  holds: (before: Subject, after: Subject) => boolean = () => true,
): Memories<Subject, State> {
  let entries = new Map<string, { readonly subject: Subject; state: State }>()
  return {
    get: (key) => entries.get(key)?.state,
    all: () => entries.values(),
    setFarm(scope) {
      const before = entries
      entries = new Map()
      for (const [key, subject] of subjectsOf(scope)) {
        const known = before.get(key)
        const state = known !== undefined && holds(known.subject, subject) ? known.state : empty()
        entries.set(key, { subject, state })
      }
    },
    save: () => Object.fromEntries([...entries].map(([key, { state }]) => [key, save(state)])),
    restore(saved, nowMs) {
      const states = new Map(Object.entries(Object(saved)))
      for (const [key, entry] of entries) entry.state = restore(entry.state, states.get(key), nowMs)
    },
    shift(byMs) {
      for (const entry of entries.values()) entry.state = shifted(entry.state, byMs)
    },
  }
}

/** What a detector remembers of the farm as a whole. */
export interface Memory<State> extends Remembering {
  state: State
}

export function createMemory<State>({ empty, fits, shifted }: Shape<State>): Memory<State> {
  const memory: Memory<State> = {
    state: empty(),
    setFarm: () => undefined,
    save: () => memory.state,
    restore(saved) {
      if (fits(saved)) memory.state = saved
    },
    shift(byMs) {
      memory.state = shifted(memory.state, byMs)
    },
  }
  return memory
}

/** Several as one; what each saves stands under its name. */
export function joined(parts: Readonly<Record<string, Remembering>>): Remembering {
  const all = Object.entries(parts)
  return {
    setFarm(scope) {
      for (const [, part] of all) part.setFarm(scope)
    },
    save: () => Object.fromEntries(all.map(([name, part]) => [name, part.save()])),
    restore(saved, nowMs) {
      const states = new Map(Object.entries<unknown>(Object(saved)))
      for (const [name, part] of all) part.restore(states.get(name), nowMs)
    },
    shift(byMs) {
      for (const [, part] of all) part.shift(byMs)
    },
  }
}
