/** The page's only source of time: the server's, so that ages are right on a phone with a wrong clock. */
/* oxlint-disable no-restricted-globals, no-restricted-properties -- this is the page's own clock; the server's is of no use in a browser */

let aheadMs = 0

export function setServerTime(nowMs: number): void {
  aheadMs = nowMs - Date.now()
}

/** Wall milliseconds on the server. */
export const now = (): number => Date.now() + aheadMs

export type Cancel = () => void

/** Calls `wake` once, `delayMs` from now. */
export function after(delayMs: number, wake: () => unknown): Cancel {
  const timer = setTimeout(() => void wake(), delayMs)
  return () => clearTimeout(timer)
}

/** Calls `tick` on every full second, as long as the page is open. */
export function everySecond(tick: () => void): void {
  after(1000 - (now() % 1000), () => {
    tick()
    everySecond(tick)
  })
}
