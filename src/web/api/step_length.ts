import type { Span } from '../../model/past.ts'

const minute = 60_000
const lengthsMs = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * minute)

/** The shortest step, in milliseconds, of which `most` fill the span. */
export const fittingStepMs = ({ sinceMs, untilMs }: Span, most: number): number =>
  lengthsMs.find((ms) => (untilMs - sinceMs - 1) / ms <= most) ?? (lengthsMs.at(-1) as number)
