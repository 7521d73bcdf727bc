import { stat } from 'node:fs/promises'
import type { Clock } from './clock.ts'
import { readOnChange } from './read_on_change.ts'

/** Calls `onChange` when the file that is followed has changed, appeared or vanished. */
export function createFileWatch(clock: Clock, onChange: () => void) {
  let followed: string | undefined
  let watch: { stop(): Promise<void> } | undefined

  /** Watches this file from now on; none when undefined. */
  async function follow(file: string | undefined): Promise<void> {
    if (file === followed) return
    followed = file
    await watch?.stop()
    watch = undefined
    if (file === undefined) return
    let seen = await signatureOf(file)
    // Changes that are not reported are found by the reading of each minute.
    watch = readOnChange(clock, { folder: file, onError: () => {} }, async (isStopped) => {
      const found = await signatureOf(file)
      if (isStopped() || found === seen) return
      seen = found
      onChange()
    })
  }
  return { follow, stop: () => follow(undefined) }
}

/** Differs when a file has another content, in all likelihood. */
async function signatureOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(file)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return undefined
  }
}
