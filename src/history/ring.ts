/** The newest of many, in the order they came. */
export interface Ring<T> {
  push(item: T): void
  /** Oldest first. */
  items(): T[]
  newestFirst(): Generator<T>
}

/** Keeps at most `capacity` items. */
export function createRing<T>(capacity: number): Ring<T> {
  const slots: T[] = []
  let next = 0
  return {
    push(item) {
      slots[next] = item
      next = (next + 1) % capacity
    },
    items: () => [...slots.slice(next), ...slots.slice(0, next)],
    *newestFirst() {
      for (let back = 1; back <= slots.length; back++)
        yield slots[(next - back + slots.length) % slots.length] as T
    },
  }
}
