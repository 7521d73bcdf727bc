/** What the recorded farms have reached: a figure that falls below is a step back, the goals themselves are higher. */
import { fileURLToPath } from 'node:url'
import { replayAll } from '../../../../proof/truth/zoo/replay_recorded.ts'
import { goalResults } from '../../../../proof/truth/zoo/score/goals.ts'

const corpus = fileURLToPath(new URL('../../../../proof/truth/recorded/', import.meta.url))

/** By goal, the least share of a goal `>=`, the most of a goal `<=`. */
export type Floors = Readonly<Record<string, number>>

/** The goals whose floor is not held in a folder of the corpus, with what was reached. Kinds: all where none is named. */
export async function belowFloors(
  folder: 'busy' | 'quiet',
  floors: Floors,
  kinds: readonly string[] = [],
): Promise<string[]> {
  const results = []
  for await (const { recording, score } of replayAll(corpus + folder, kinds))
    results.push({ name: recording, score })
  const goals = goalResults(results)
  return Object.entries(floors).flatMap(([what, floor]) => {
    const { goal = '', figure } = goals.find((each) => each.what === what) ?? {}
    const reached = figure === undefined ? Number.NaN : figure.part / (figure.of ?? 1)
    const holds = goal.startsWith('>=') ? reached >= floor : reached <= floor
    return holds ? [] : [`${what}: ${reached}, floor ${floor}`]
  })
}
