import { readFileSync } from 'node:fs'
import { enableCompileCache, SourceMap } from 'node:module'

/**
 * What each thread does before it loads the rest of its code. Compiled code is kept for the next start; a thread has to
 * ask for that itself. In a build, stacks name the sources: Node's `--enable-source-maps` would do that too, and costs
 * 2 MiB a thread for maps that nobody may ever need.
 */
export function prepareCode(): void {
  const { directory } = enableCompileCache()
  // By this a thread has the cache already when it loads its entry, which in a build is all of its code.
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= directory
  if (import.meta.url.endsWith('.js')) Error.prepareStackTrace = stackOfSources
}

const maps = new Map<string, SourceMap | undefined>()

const stackOfSources = (error: Error, calls: readonly NodeJS.CallSite[]): string =>
  [error, ...calls.map(String).map((call) => `    at ${sourceOf(call)}`)].join('\n')

const sourceOf = (call: string): string =>
  call.replace(/(file:\/\/[^()]+\.js):(\d+):(\d+)/, (place, file: string, line: string, column: string) => {
    const origin = mapOf(file)?.findOrigin(Number(line), Number(column))
    return origin !== undefined && 'fileName' in origin
      ? `${new URL(origin.fileName, file).href}:${origin.lineNumber}:${origin.columnNumber}`
      : place
  })

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file))
  return maps.get(file)
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8')))
  } catch {
    return undefined
  }
}
