/**
 * Files that others write. Large ones are read on a thread of their own: a megabyte of YAML takes seconds, in which this
 * thread would answer nobody. Small ones are read here, which takes less than starting a thread.
 */
import type { Environment } from '../config/yaml/environment.ts'
import { fileProblem, type Problem } from '../config/yaml/problem.ts'
import { type ReadText, readTextFile } from '../config/yaml/text_file.ts'
import type { ReadTargets } from '../discovery/file_source.ts'
import type { ReadWebFarm } from '../discovery/iis_source.ts'
import type { WasReading } from '../iis/logs/was_reports.ts'
import { type ReadBytes, readBytes } from '../iis/read/document.ts'
import { useKeytabs } from '../probe/auth/kerberos_handshake.ts'
import type { FileBytes } from '../runtime/bounded_file.ts'
import type { Clock } from '../runtime/clock.ts'
import { createRequestThread } from '../runtime/request_thread.ts'
import { type LoadResult, load } from './load_configuration.ts'

interface Files {
  readonly text: ReadText
  readonly bytes: ReadBytes
}

/** What can be read; what few farms have is loaded with the first of it. Arguments and results survive a structured clone. */
const readers = {
  config: (files: Files) => (file: string, env: Environment) => load(file, env, files.text),
  targets:
    (files: Files): ReadTargets =>
    async (file, source) =>
      (await import('../discovery/file_sd.ts')).readTargets(file, source, files.text),
  webFarm:
    (files: Files): ReadWebFarm =>
    async (file, farm) =>
      (await import('../iis/read/read_web_farm.ts')).readWebFarm(file, farm, files.bytes),
  wasEvents: (files: Files) => async (file: string) =>
    (await import('../iis/logs/was_reports.ts')).readWasFile(file, files.bytes),
}

type Kind = keyof typeof readers

/** The arguments of a reader. */
type Args = readonly [file: string, ...unknown[]]

const readAs = (kind: Kind, args: Args, files: Files): Promise<unknown> =>
  (readers[kind](files) as (...all: unknown[]) => Promise<unknown>)(...args)

/** What has been read of files, which may be pipes, which can be read only once. */
interface Known {
  readonly texts: Map<string, Awaited<ReturnType<ReadText>>>
  readonly bytes: Map<string, Awaited<ReturnType<ReadBytes>>>
}

export interface FileRequests {
  readonly request: { readonly kind: Kind; readonly args: Args; readonly known: Known }
  readonly reply: unknown
}

/** Reads what a request names, beginning with what is known of it. */
export const readRequested = ({ kind, args, known }: FileRequests['request']): Promise<unknown> =>
  readAs(kind, args, {
    text: async (path) => known.texts.get(path) ?? readTextFile(path),
    bytes: async (path) => known.bytes.get(path) ?? readBytes(path),
  })

/** More bytes than this, of all files that belong together, are read on the thread. */
const fewBytes = 32 * 1024

/** Thrown when there are more. */
class ManyBytes extends Error {}

function fewFiles({ texts, bytes }: Known): Files {
  let left = fewBytes
  const spend = (length: number) => {
    left -= length
    if (left < 0) throw new ManyBytes()
  }
  return {
    async text(path) {
      const result = await readTextFile(path)
      texts.set(path, result)
      if ('text' in result) spend(result.text.length)
      return result
    },
    async bytes(path) {
      const result = bytes.get(path) ?? (await readBytes(path))
      bytes.set(path, result)
      if ('bytes' in result) spend(result.bytes.length)
      return result
    },
  }
}

const refusal = (problem: Problem): LoadResult => ({ ok: false, problems: [problem] })

/** The thread ends, and its memory is free, this long after its last reading. */
const idleMs = 5000

export function createFileReader(clock: Clock) {
  const thread = createRequestThread<FileRequests>({
    entry: new URL('./reader_entry.ts', import.meta.url),
    name: 'reader',
    idle: { clock, ms: idleMs },
  })

  /** A thread that ends, for lack of memory perhaps, is a problem of the file. */
  async function read<Result>(
    kind: Kind,
    args: Args,
    refusal: (problem: Problem) => Result,
    content?: FileBytes,
  ) {
    const known: Known = { texts: new Map(), bytes: new Map(content && [[args[0], content]]) }
    try {
      return (await readAs(kind, args, fewFiles(known))) as Result
    } catch (error) {
      if (!(error instanceof ManyBytes)) throw error
    }
    try {
      return (await thread.ask({ kind, args, known })) as Result
    } catch (error) {
      return refusal(fileProblem(args[0], `cannot be read: ${(error as Error).message}`))
    }
  }

  const readTargets: ReadTargets = (...args) => read('targets', args, (problem) => ({ problem }))
  const readWebFarm: ReadWebFarm = (...args) =>
    read('webFarm', args, (problem) => ({ problem: { place: problem, message: problem.message } }))
  return {
    async load(file: string, env: Environment): Promise<LoadResult> {
      const result = await read('config', [file, { ...env }], refusal)
      // Here, because another thread could not.
      if (result.ok) useKeytabs(result.config.farms.map(({ farm }) => farm))
      return result
    },
    readTargets,
    readWebFarm,
    /** Reads events of WAS from a file, or out of what somebody sent. */
    readWasEvents(source: string | Uint8Array): Promise<WasReading> {
      const sent = typeof source === 'string' ? undefined : { bytes: source }
      const file = typeof source === 'string' ? source : ''
      return read('wasEvents', [file], ({ message }) => ({ why: message }), sent)
    },
    [Symbol.asyncDispose]: thread.close,
  }
}
