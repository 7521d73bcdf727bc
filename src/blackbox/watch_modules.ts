import { watch } from 'chokidar'
import type { Cancel, Clock } from '../runtime/clock.ts'

/** Editors and deployments touch a file several times in a row: this long after the last touch it is read. */
const settleMs = 100

export interface ModulesWatch {
  stop(): Promise<void>
}

/** Calls `changed` when a file has changed, appeared or vanished, and has come to rest. */
export function watchModules(file: string, clock: Clock, changed: () => void): ModulesWatch {
  let cancel: Cancel | undefined
  const touched = () => {
    cancel?.()
    cancel = clock.after(settleMs, changed)
  }
  const watcher = watch(file, { ignoreInitial: true }).on('all', touched)
  return {
    async stop() {
      cancel?.()
      await watcher.close()
    },
  }
}
