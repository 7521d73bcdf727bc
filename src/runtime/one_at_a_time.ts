/**
 * Makes `work` run once at a time. Whoever asks while a run waits for its turn shares that run, since it has not begun
 * to look at anything; so however many ask, at most two runs are left to do.
 */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve()
  let waiting: Promise<T> | undefined
  const begin = () => {
    waiting = undefined
    return work()
  }
  return () => {
    waiting ??= running.then(begin, begin)
    running = waiting
    return waiting
  }
}
