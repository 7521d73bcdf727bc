/** `npm run truth -- --recorded`: shows recorded farms to the real monitor and scores what it says of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { extension, readRecording } from './recording/file.ts'
import { replay } from './recording/replay.ts'
import { report, type Scored, type Shown } from './report.ts'
import { scoreFarm } from './score/score.ts'

export interface RecordedWanted extends Shown {
  readonly folder: string
  /** Names of kinds; all where there is none. */
  readonly names: readonly string[]
}

/** The exit code: 2 where there is nothing to replay. Rejects where a file is damaged. */
export async function replayRecorded({ folder, names, ...shown }: RecordedWanted): Promise<0 | 2> {
  const scored: Scored[] = []
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()) {
    const recording = readRecording(readFileSync(join(folder, file)), basename(file))
    if (names.length > 0 && !names.includes(recording.kind)) continue
    scored.push({ recording, score: scoreFarm({ recording, events: await replay(recording) }) })
  }
  if (scored.length === 0) {
    process.stderr.write(`There is no recorded farm in ${folder}\n`)
    return 2
  }
  report(scored, shown)
  return 0
}
