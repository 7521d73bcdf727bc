import { closest, distance } from 'fastest-levenshtein'

/** Keys that people try, for which the nearest known key is no help. */
const answers: ReadonlyMap<string, string> = new Map([
  ['<<', 'merge keys are not read; put what several checks share into `defaults`'],
])

/** What to say about a key that is not known beside the known ones: the nearest of them when it is near. */
export function unknownKey(key: string, known: readonly string[]): string {
  const answer = answers.get(key)
  if (answer !== undefined) return answer
  const nearest = closest(key.toLowerCase(), known)
  const near = distance(key.toLowerCase(), nearest) <= Math.max(1, Math.floor(nearest.length / 3))
  return near ? `unknown key; did you mean ${nearest}?` : `unknown key; known here: ${known.join(', ')}`
}
