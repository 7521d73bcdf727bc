/** Recordings in a folder for each kind: `gunicorn/1s-seed7.json.gz`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording, writeRecording } from './file.ts'
import type { Recording } from './recording.ts'

const extension = '.json.gz'

/** `seed` is the one of the command line, of which each farm makes its own. */
export function keepIn(folder: string, recording: Recording, seed: number): void {
  const { kind, intervalMs, identity } = recording
  mkdirSync(join(folder, kind), { recursive: true })
  const form = identity ? '' : '-without'
  const file = join(folder, kind, `${intervalMs / 1000}s${form}-seed${seed}${extension}`)
  writeFileSync(file, writeRecording(recording))
}

/**
 * The recordings of a folder and its subfolders in the order of their names, of these kinds or of all.
 * @throws Error with a sentence for the user when there is none or a file is damaged
 */
export function* recordingsIn(folder: string, kinds: readonly string[] = []): Generator<Recording> {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  let count = 0
  for (const file of files.filter((name) => name.endsWith(extension)).sort()) {
    const recording = readRecording(readFileSync(join(folder, file)), file)
    if (kinds.length > 0 && !kinds.includes(recording.kind)) continue
    count++
    yield recording
  }
  if (count === 0)
    throw new Error(
      `There is no recorded farm${kinds.length > 0 ? ` of ${kinds.join(', ')}` : ''} in ${folder}`,
    )
}
