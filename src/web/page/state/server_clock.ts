/** The page's only source of time: the server's, so that ages are right on a phone with a wrong clock. */
/* oxlint-disable no-restricted-globals, no-restricted-properties -- this is the page's own clock; the server's is of no use in a browser */

let aheadMs = 0
let stoppedAtMs: number | undefined

export function setServerTime(nowMs: number): void {
  aheadMs = nowMs - Date.now()
}

const runningMs = () => Date.now() + aheadMs

/** Wall milliseconds on the server; without a connection, those of its last sign of life. */
export const now = (): number => stoppedAtMs ?? runningMs()

/** Stops all clocks of the page at `atMs`: what it shows is not known to be true any longer. */
export function stopClock(atMs: number): void {
  stoppedAtMs ??= atMs
}

export function startClock(): void {
  stoppedAtMs = undefined
}

export const isClockStopped = (): boolean => stoppedAtMs !== undefined

export type Cancel = () => void

/** Calls `wake` once, `delayMs` from now. */
export function after(delayMs: number, wake: () => unknown): Cancel {
  const timer = setTimeout(() => void wake(), delayMs)
  return () => clearTimeout(timer)
}

/** Calls `tick` on every full second, as long as the page is open. */
export function everySecond(tick: () => void): void {
  after(1000 - (runningMs() % 1000), () => {
    tick()
    everySecond(tick)
  })
}
