/**
 * The building blocks of the description of a configuration. A part reads the value at a path, merges layers, fills in
 * defaults, and documents itself for editors and for the reference. A wrong value is reported with its place and left
 * out of the result, so that the rest of the file is still read. (zod, which describes the API, returns nothing for a
 * mapping with one mistake in it, and knows neither places nor layers.)
 */
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface Part<Written, Settled = Written> {
  /** The kind of value, in a few words, for the reference. */
  readonly kind: string
  /** What an editor accepts. */
  readonly json: JsonSchema
  /** What would be right, as a clause: `write for example 5s`. */
  readonly right: string
  /** Messages and `/config` must not show the value. */
  readonly secret?: boolean
  /** The keys of the mapping that it reads, which may be an item of a list or one of two forms. */
  readonly keys?: Keys
  /** Reads the raw value at a path; undefined when it is wrong, which is then a problem of the reading. */
  read(raw: unknown, path: Path, reading: Reading): Written | undefined
  /** Merges two layers; without this method the upper one replaces the lower one. */
  merge?(base: Written, over: Written): Written
  /** Fills in the defaults; without this method there are none. */
  settle?(written: Written): Settled
}

/** What a part reads: as written, and with its defaults. */
export type Written<P> = P extends Part<infer W, infer _> ? W : never
export type Settled<P> = P extends Part<infer _, infer S> ? S : never

interface KeyOptions {
  /** The property that the value becomes, where its name is not the key's. */
  readonly as?: string
  /** What holds when the key is left out, as it would be written; `{}` gives a mapping the defaults of its keys. */
  readonly default?: unknown
  /** The key beside which the default does not hold. */
  readonly unless?: string
  readonly example?: unknown
}

/** A key of a mapping. */
export interface Key<P, Name extends string | undefined, Required extends boolean, Always extends boolean>
  extends KeyOptions {
  readonly part: P
  /** What it means, as Markdown. */
  readonly doc: string
  readonly required: Required
  /** For the compiler only; not there at run time. */
  readonly types: { readonly name: Name; readonly always: Always }
}

type NameIn<Options> = Options extends { readonly as: infer Name extends string } ? Name : undefined

type AlwaysIn<Options> = Options extends { readonly default: unknown }
  ? Options extends { readonly unless: string }
    ? false
    : true
  : false

// Nothing is known here of what the keys read.
// oxlint-disable-next-line typescript/no-explicit-any
export type Keys = Readonly<Record<string, Key<Part<any, any>, string | undefined, boolean, boolean>>>

/** A key that may be left out. */
export const optional = <P, const Options extends KeyOptions = KeyOptions>(
  part: P,
  doc: string,
  options?: Options,
) =>
  ({ part, doc, required: false, ...options }) as unknown as Key<P, NameIn<Options>, false, AlwaysIn<Options>>

/** A key that must be there. */
export const required = <P, const Options extends KeyOptions = KeyOptions>(
  part: P,
  doc: string,
  options?: Options,
) => ({ part, doc, required: true, ...options }) as unknown as Key<P, NameIn<Options>, true, false>

/** Merges two layers. */
export const merge = <W, S>(part: Part<W, S>, base: W, over: W): W => part.merge?.(base, over) ?? over

/** Fills in the defaults of what is not written. */
export const settle = <W, S>(part: Part<W, S>, written: W): S =>
  part.settle === undefined ? (written as unknown as S) : part.settle(written)

/** The part without its defaults, for values that are settled later. */
export const unsettled = <W>({ settle: _settle, ...part }: Part<W, unknown>): Part<W> => part

/** Reports that a value is wrong; returns undefined, which is what a wrong value becomes. */
export type Wrong = (what: string, right?: string, below?: Path) => undefined

interface ValueRules<T> {
  readonly json: JsonSchema
  readonly kind: string
  readonly right: string
  readonly secret?: boolean
  readonly read: (raw: unknown, wrong: Wrong) => T | undefined
}

/** A value that `read` turns into what the program works with, or finds wrong. */
export const value = <T>({ read, ...rules }: ValueRules<T>): Part<T> => ({
  ...rules,
  read(raw, path, reading) {
    const wrong: Wrong = (what, right = rules.right, below = []) => {
      const at = [...path, ...below]
      const given = rules.secret === true ? '' : `: ${reading.show(at)}`
      reading.problem(at, reading.tree.has(at) ? `${what}${given}; ${right}` : `missing; ${right}`)
    }
    return raw === undefined ? wrong('missing') : read(raw, wrong)
  },
})

/** Reports a value that is not a mapping or a list. It is not shown, since it may be a misplaced secret. */
export function refuse(what: string, right: string, path: Path, reading: Reading): undefined {
  const message = `${what}: ${reading.kindOf(path)}; ${right}`
  reading.problem(path, reading.tree.has(path) ? message : `missing; ${right}`)
}
