/** `npm run truth -- --recorded`: replays recorded farms through the real monitor and scores its events. */
import { recordingsIn } from './recording/corpus.ts'
import { replay } from './recording/replay.ts'
import { report, type Scored, type Shown, scored } from './report.ts'
import { type FormScore, scoreForms } from './score/forms.ts'
import { goalResults } from './score/goals.ts'

export interface RecordedWanted extends Shown {
  readonly folder: string
  /** Names of kinds; empty for all of them. */
  readonly names: readonly string[]
}

/** Returns the exit code: 1 when a goal is missed, 2 when there is nothing to replay or a file is damaged. */
export async function replayRecorded({ folder, names, ...shown }: RecordedWanted): Promise<0 | 1 | 2> {
  const results: Scored[] = []
  try {
    for await (const form of replayAll(folder, names)) results.push(scored(form, shown))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  report(results, shown)
  return goalResults(results).some(({ missed }) => missed) ? 1 : 0
}

/**
 * The scores of the recorded farms of a folder, each with identity and without.
 * @throws Error with a sentence for the user when there is none or a file is damaged
 */
export async function* replayAll(folder: string, names: readonly string[]): AsyncGenerator<FormScore> {
  for (const recording of recordingsIn(folder, names))
    yield* await scoreForms(recording, await replay(recording))
}
