/** Text for people: colour on a terminal only, counts, and words of others that cannot move the cursor. */
import { styleText } from 'node:util'
import type { Stream } from './process_edge.ts'

export type Colour = Parameters<typeof styleText>[0]

export type Paint = (colour: Colour, text: string) => string

/** Colours text for a terminal; a pipe gets it as it is. */
export const painter =
  ({ isTTY }: Stream): Paint =>
  (colour, text) =>
    isTTY ? styleText(colour, text, { validateStream: false }) : text

/** `1 farm`, `2 farms`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
