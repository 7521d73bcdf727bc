import { setTimeout as delay } from 'node:timers/promises'

/** From one attempt to the next; the first are made sooner, because most conditions hold at once. */
const longestPauseMs = 20

/**
 * Reads until what was read is accepted, and returns it; for conditions of other processes, which tell us nothing by
 * themselves. `read` may throw while the other side is not there yet. Rejects after `withinMs` milliseconds, with
 * what was read last.
 */
export async function eventually<T>(
  what: string,
  read: () => T | Promise<T>,
  accept: (value: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const attempt = await settle(read)
    if (attempt.ok && accept(attempt.value)) return attempt.value
    if (performance.now() > deadline)
      throw new Error(`${withinMs} ms passed without ${what}; last: ${describe(attempt)}`)
    await delay(pauseMs)
  }
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

async function settle<T>(read: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await read() }
  } catch (error) {
    return { ok: false, error }
  }
}

function describe(attempt: Attempt<unknown>): string {
  if (!attempt.ok) return String(attempt.error)
  const text =
    typeof attempt.value === 'string' ? attempt.value : (JSON.stringify(attempt.value) ?? 'undefined')
  return text.slice(0, 4000)
}
