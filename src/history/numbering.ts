/** Numbers for things, so that each is written in full only once. */
export interface Numbering<T> {
  /** Makes the number when there is none. */
  idOf(item: T): number
  all(): ReadonlyMap<number, T>
}

/** `insert` makes the number of a new thing; it gets how many there are already. */
export function createNumbering<T>(
  known: Iterable<readonly [id: number, item: T]>,
  keyOf: (item: T) => string,
  insert: (item: T, count: number) => number,
): Numbering<T> {
  const items = new Map(known)
  const ids = new Map([...items].map(([id, item]) => [keyOf(item), id]))
  return {
    idOf(item) {
      const key = keyOf(item)
      let id = ids.get(key)
      if (id === undefined) {
        ids.set(key, (id = insert(item, items.size)))
        items.set(id, item)
      }
      return id
    },
    all: () => items,
  }
}

/** Words that are numbered as they come, in memory. */
export function numberedWords(): Numbering<string> {
  let last = 0
  return createNumbering<string>([], String, () => ++last)
}
