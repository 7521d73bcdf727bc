/** How much processor time the search for an expression may take, by the length of the text. */

/** No search of a page is given up earlier, milliseconds. */
const leastMs = 250

/**
 * Milliseconds for each MiB. On a machine that is busy with other work, all but the worst expressions take a third to be
 * tested, and half to be found with their groups.
 */
const msPerMiB = { test: 100, find: 300 }

/** A longer text has no more time than this, MiB: nothing blocks a thread for three seconds, which is when it is ended. */
export const mostSearchedMiB = 8

/** The most processor time of a search in so many characters, milliseconds. */
export function searchBudgetMs(how: 'test' | 'find', characters: number): number {
  return Math.max(leastMs, msPerMiB[how] * Math.min(mostSearchedMiB, characters / 2 ** 20))
}

/** How many searches are made in one body. */
export interface Searches {
  readonly tests: number
  readonly finds: number
}

/** The most processor time to judge a body of so many characters, milliseconds; what takes longer is worse than any search may be. */
export function judgingBudgetMs({ tests, finds }: Searches, characters: number): number {
  const perMiB = tests * msPerMiB.test + finds * msPerMiB.find
  return Math.max(leastMs, (perMiB * characters) / 2 ** 20)
}
