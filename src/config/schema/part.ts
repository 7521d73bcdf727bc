/**
 * What a configuration is described with. A part reads what stands at a path, lays one layer over another, fills in
 * defaults, and describes itself to editors and to the reference. What is wrong becomes a problem with its place and
 * is left out of the result, so that the rest of the file is still read.
 */
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface Part<Written, Settled = Written> {
  /** What it reads, in a few words, for the reference. */
  readonly kind: string
  /** What an editor accepts. */
  readonly json: JsonSchema
  /** What would be right, as a clause: `write for example 5s`. */
  readonly right: string
  /** The value must not be shown. */
  readonly secret?: boolean
  /** The keys of the mapping that it reads, alone, in a list, or as one of two forms. */
  readonly keys?: Keys
  /** What the raw value at a path comes to; undefined when it is wrong, which the reading then knows. */
  read(raw: unknown, path: Path, reading: Reading): Written | undefined
  /** One layer over another; without this method the upper layer replaces the lower one. */
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
  readonly standard?: unknown
  /** The key beside which `standard` does not hold. */
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
  /** For the compiler alone, and not there when the program runs. */
  readonly types: { readonly name: Name; readonly always: Always }
}

type NameIn<Options> = Options extends { readonly as: infer Name extends string } ? Name : undefined

type AlwaysIn<Options> = Options extends { readonly standard: unknown }
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

/** One layer over another. */
export const merge = <W, S>(part: Part<W, S>, base: W, over: W): W => part.merge?.(base, over) ?? over

/** A value that was read, with the defaults of what is not written in it. */
export const settle = <W, S>(part: Part<W, S>, written: W): S =>
  part.settle === undefined ? (written as unknown as S) : part.settle(written)

/** A part whose defaults are left out, for what is settled later. */
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

/** Reports what stands in the place of a mapping or a list. Its value is not shown: it may be a misplaced secret. */
export function refuse(what: string, right: string, path: Path, reading: Reading): undefined {
  const message = `${what}: ${reading.kindOf(path)}; ${right}`
  reading.problem(path, reading.tree.has(path) ? message : `missing; ${right}`)
}
