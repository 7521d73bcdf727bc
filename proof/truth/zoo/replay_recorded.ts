/** `npm run truth -- --recorded`: replays recorded farms through the real monitor and scores its events. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { extension, readRecording } from './recording/file.ts'
import type { Recording } from './recording/recording.ts'
import { replay } from './recording/replay.ts'
import { report, type Scored, type Shown, scored } from './report.ts'
import { scoreFarm } from './score/score.ts'

export interface RecordedWanted extends Shown {
  readonly folder: string
  /** Names of kinds; empty for all of them. */
  readonly names: readonly string[]
}

/** Returns the exit code: 2 when there is nothing to replay or a file is damaged. */
export async function replayRecorded({ folder, names, ...shown }: RecordedWanted): Promise<0 | 2> {
  const results: Scored[] = []
  const files = existsSync(folder) ? readdirSync(folder) : []
  for (const file of files.filter((name) => name.endsWith(extension)).sort()) {
    const recording = readOrReport(folder, file)
    if (recording === undefined) return 2
    if (names.length > 0 && !names.includes(recording.kind)) continue
    const score = scoreFarm({ recording, events: await replay(recording) })
    results.push(scored(recording, score, shown))
  }
  if (results.length === 0) {
    process.stderr.write(`There is no recorded farm in ${folder}\n`)
    return 2
  }
  report(results, shown)
  return 0
}

function readOrReport(folder: string, file: string): Recording | undefined {
  try {
    return readRecording(readFileSync(join(folder, file)), file)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return undefined
  }
}
