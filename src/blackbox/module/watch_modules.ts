import { stat } from 'node:fs/promises'
import { type FSWatcher, watch } from 'chokidar'
import type { Cancel, Clock } from '../../runtime/clock.ts'

/** Editors and deployments touch a file several times in a row: this long after the last touch it is looked at. */
const settleMs = 100

/** Some file systems report no change, nor does a link that is set elsewhere: this often it is looked at in any case. */
const lookMs = 60_000

export interface ModulesWatch {
  /** From now on this file; none when undefined. */
  follow(file: string | undefined): Promise<void>
  stop(): Promise<void>
}

/** Calls `changed` when the module file has changed, appeared or vanished, and has come to rest. */
export function createModulesWatch(clock: Clock, changed: () => void): ModulesWatch {
  let followed: string | undefined
  let watcher: FSWatcher | undefined
  let cancel: Cancel | undefined
  let seen: string | undefined

  const look = async (file: string) => {
    const found = await signatureOf(file)
    if (file !== followed) return
    lookIn(lookMs, file)
    if (found === seen) return
    seen = found
    changed()
  }
  const lookIn = (ms: number, file: string) => {
    cancel?.()
    cancel = clock.after(ms, () => void look(file))
  }
  const follow = async (file: string | undefined) => {
    if (file === followed) return
    followed = file
    cancel?.()
    await watcher?.close()
    watcher = undefined
    if (file === undefined) return
    seen = await signatureOf(file)
    watcher = watch(file, { ignoreInitial: true }).on('all', () => lookIn(settleMs, file))
    lookIn(lookMs, file)
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
