/**
 * Follows changes of the web configuration as the exporter toolkit does: without a restart or a signal, at each
 * connection and each request. The files are only checked for changes, and read when one has changed.
 */
import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { formatProblem, type Problem } from '../yaml/problem.ts'
import { loadWebConfig, type WebConfig, type WebConfigResult } from './web_config.ts'

export interface WebConfigEvents {
  /** Another configuration is in effect, or the files are valid again. */
  changed(config: WebConfig): void
  /** The files are invalid, and the last valid configuration stays; called once for each state of the files. */
  refused(problems: readonly Problem[]): void
}

/** `first` is what was just read from `path`. */
export function keepWebConfig(
  path: string,
  first: WebConfigResult & { readonly ok: true },
  events: WebConfigEvents,
) {
  let config = first.config
  let files = first.files
  /** Taken before the files are read, so that a change in between is noticed next time. */
  let stamps = ''
  let reported = ''
  let refreshing: Promise<WebConfig> | undefined

  async function refresh(): Promise<WebConfig> {
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
      const isNews = reported !== '' || !isDeepStrictEqual(config, result.config)
      if (isNews) config = result.config
      if (isNews) events.changed(config)
    } else if (words !== reported) events.refused(result.problems)
    reported = words
  }

  return {
    /** The newest valid configuration. */
    current(): Promise<WebConfig> {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
  }
}

/** Differs whenever one of the files has changed, was replaced, has appeared or vanished. */
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
