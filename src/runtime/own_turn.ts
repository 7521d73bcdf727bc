/**
 * For work that blocks its thread for long: each piece has a turn of the event loop of its own, however many wait, so
 * that timers and answers in between are late by one piece at most.
 */
export function createOwnTurns(): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
