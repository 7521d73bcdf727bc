/**
 * Keeps the web configuration up to date as users of the exporter toolkit know it: without a restart and without a
 * signal, at each connection and each request. The files are only looked at, and read when one has changed.
 */
import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { formatProblem, type Problem } from '../yaml/problem.ts'
import { loadWebConfig, type WebConfig, type WebConfigResult } from './web_config.ts'

export interface WebConfigKeeper {
  /** The configuration that holds now: the newest that was good. */
  current(): Promise<WebConfig>
}

export interface WebConfigEvents {
  /** Another configuration holds now, or the files hold again the one that does. */
  changed(config: WebConfig): void
  /** The files hold a bad configuration, and the last good one stays; said once for each state of the files. */
  refused(problems: readonly Problem[]): void
}

/** Goes on from a configuration that was read from `path` just now. */
export function keepWebConfig(
  path: string,
  first: WebConfigResult & { readonly ok: true },
  events: WebConfigEvents,
): WebConfigKeeper {
  let config = first.config
  let files = first.files
  /** Of the files before they were read, so that a change meanwhile is seen by the next look. */
  let stamps = ''
  let said = ''
  let looking: Promise<WebConfig> | undefined

  async function look(): Promise<WebConfig> {
    const now = await stampOf(files)
    if (now === stamps) return config
    const result = await loadWebConfig(path)
    stamps = isDeepStrictEqual(result.files, files) ? now : ''
    files = result.files
    settle(result)
    return config
  }
  function settle(result: WebConfigResult): void {
    const words = result.ok ? '' : result.problems.map(formatProblem).join('\n')
    if (result.ok) {
      const isNews = said !== '' || !isDeepStrictEqual(config, result.config)
      if (isNews) config = result.config
      if (isNews) events.changed(config)
    } else if (words !== said) events.refused(result.problems)
    said = words
  }

  return {
    current() {
      looking ??= look().finally(() => {
        looking = undefined
      })
      return looking
    },
  }
}

/** Changes whenever one of the files does, is replaced, appears or vanishes. */
async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file, { bigint: true }).then(
        ({ ino, size, mtimeNs, ctimeNs }) => `${ino} ${size} ${mtimeNs} ${ctimeNs}`,
        (error: NodeJS.ErrnoException) => error.code,
      ),
    ),
  )
  return stamps.join('\n')
}
