/** What the turns of workers, from one answer of a worker to its next, say of how many there are and whether one is gone. */

/** So many turns say how many workers there are. */
const knownAfter = 16
/** Weight of the newest turn in their moving average. */
const weight = 0.1
/** How far the average is trusted. */
const slack = 1.3
/** Odds beyond this say no more. */
const mostOdds = 1e6

interface Turns {
  /** How many there were. */
  readonly turns: number
  /** Their moving average, in answers. */
  readonly turn: number
}

/** The moving average with one more turn, of so many answers. */
export const nextTurn = ({ turns, turn }: Turns, answers: number): number =>
  turn + Math.max(weight, 1 / (turns + 1)) * (answers - turn)

/** How many of the workers that are known answer: some may be gone. */
export const workersAtWork = (known: number, { turns, turn }: Turns): number =>
  turns < knownAfter ? known : Math.min(known, slack * turn)

/** How much likelier it is that a worker does not answer when it is not there; `others` answer beside it. */
export const absenceOdds = (others: number, missed: number): number =>
  Math.min(mostOdds, (1 + 1 / Math.max(1, others)) ** missed)
