/** The only source of time of the page: the server's, so that a phone with a wrong clock shows right ages. */
/* oxlint-disable no-restricted-globals, no-restricted-properties -- this is the page's own clock; the server's is of no use in a browser */

let aheadMs = 0

/** The server's time when it answered. */
export function setServerTime(nowMs) {
  aheadMs = nowMs - Date.now()
}

/** Wall milliseconds, as the server has them. */
export const now = () => Date.now() + aheadMs

/** Calls `tick` once a second, on the second, for good. */
export function everySecond(tick) {
  const next = () =>
    after(1000 - (now() % 1000), () => {
      tick()
      next()
    })
  next()
}

/** Calls `wake` once, `delayMs` from now. Returns how to prevent it. */
export function after(delayMs, wake) {
  const timer = setTimeout(() => wake(), delayMs)
  return () => clearTimeout(timer)
}
