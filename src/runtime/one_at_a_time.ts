/**
 * Makes `work` run once at a time. Calls while a run waits for its turn share that run, since it has not read anything
 * yet; so however many calls there are, at most two runs are left to do.
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
