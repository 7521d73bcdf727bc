/**
 * What a detector remembers, described once: its type, how it begins, whether something read from a file is of it, and
 * how it moves when the wall clock is set back all follow from its shape. It is plain JSON.
 */
export interface Shape<T> {
  /** Nothing is known yet. */
  empty(): T
  /** Whether a value that came from JSON is of this shape: a file may be older than this version, or damaged. */
  fits(value: unknown): value is T
  /** The same with every time in it moved back by `byMs`. */
  shifted(value: T, byMs: number): T
}

export type Of<S> = S extends Shape<infer T> ? T : never

const plain = <T>(empty: T, fits: (value: unknown) => value is T): Shape<T> => ({
  empty: () => empty,
  fits,
  shifted: (value) => value,
})

/** The latest moment that a Date can express, in milliseconds; no count and no duration is as large. */
const latestMs = 8.64e15

export const number = plain<number>(
  0,
  (value): value is number => typeof value === 'number' && Math.abs(value) <= latestMs,
)

/** A moment in wall milliseconds. */
export const time: Shape<number> = { ...number, shifted: (ms, byMs) => ms - byMs }

export const text = plain<string>('', (value) => typeof value === 'string')

export const flag = plain<boolean>(false, (value) => typeof value === 'boolean')

/** One of some words; at first the first. */
export const oneOf = <T extends string>(words: readonly [T, ...T[]]): Shape<T> =>
  plain<T>(words[0], (value): value is T => words.some((word) => word === value))

/** How often each of some words was met; of any words unless some are given. */
export const countsOf = <T extends string>(
  words?: readonly T[],
): Shape<Readonly<Partial<Record<T, number>>>> =>
  plain<Partial<Record<T, number>>>({}, (value): value is Partial<Record<T, number>> => {
    const isCount = ([word, count]: [string, unknown]) =>
      (words?.includes(word as T) ?? true) && number.fits(count)
    return value !== null && typeof value === 'object' && Object.entries(value).every(isCount)
  })

export const tallies = countsOf() as Shape<Readonly<Record<string, number>>>

export const nullable = <T>({ fits, shifted }: Shape<T>): Shape<T | null> => ({
  empty: () => null,
  fits: (value): value is T | null => value === null || fits(value),
  shifted: (value, byMs) => (value === null ? null : shifted(value, byMs)),
})

export const optional = <T>({ fits, shifted }: Shape<T>): Shape<T | undefined> => ({
  empty: () => undefined,
  fits: (value): value is T | undefined => value === undefined || fits(value),
  shifted: (value, byMs) => (value === undefined ? undefined : shifted(value, byMs)),
})

export const listOf = <T>({ fits, shifted }: Shape<T>): Shape<T[]> => ({
  empty: () => [],
  fits: (value): value is T[] => Array.isArray(value) && value.every(fits),
  shifted: (list, byMs) => list.map((each) => shifted(each, byMs)),
})

type Fields<Shapes> = { -readonly [Name in keyof Shapes]: Of<Shapes[Name]> }

export function fieldsOf<Shapes extends Readonly<Record<string, Shape<unknown>>>>(
  shapes: Shapes,
): Shape<Fields<Shapes>> {
  const all = Object.entries(shapes)
  const made = (of: (shape: Shape<unknown>, name: string) => unknown) =>
    Object.fromEntries(all.map(([name, shape]) => [name, of(shape, name)])) as Fields<Shapes>
  return {
    empty: () => made((shape) => shape.empty()),
    fits: (value): value is Fields<Shapes> =>
      typeof value === 'object' &&
      value !== null &&
      all.every(([name, shape]) => shape.fits(value[name as keyof typeof value])),
    shifted: (value, byMs) => made((shape, name) => shape.shifted(value[name], byMs)),
  }
}
