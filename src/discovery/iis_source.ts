import { basename, dirname } from 'node:path'
import type { IisSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import type { Place } from '../model/place.ts'
import { readOnChange } from '../runtime/read_on_change.ts'
import { farmProblem, rememberGood, reportChanges, type Source, type SourceOptions } from './node_source.ts'

/** Reads the servers of a web farm in an IIS configuration, or says why it cannot. */
export type ReadWebFarm = (
  file: string,
  farm: string,
) => Promise<
  | { readonly candidates: readonly Candidate[] }
  | { readonly problem: { readonly place: Place; readonly message: string } }
>

/** Follows the servers of a web farm: reads the file now and whenever it changes, until stopped. */
export function startIisSource(
  { file, webFarm, scheme: fixedScheme }: IisSource,
  readWebFarm: ReadWebFarm,
  options: SourceOptions,
): Source {
  const { clock, farm, events } = options
  const remember = rememberGood(options.recall(`iis ${fixedScheme} ${webFarm} ${file}`), options)
  const report = reportChanges(events.problem, events.mended)

  async function attempt() {
    const result = await readWebFarm(file, webFarm)
    if ('problem' in result)
      return { problem: { ...result.problem.place, path: '', message: result.problem.message } }
    return {
      candidates: result.candidates.map(({ name, scheme, host, port }) => ({
        name,
        scheme: fixedScheme ?? scheme,
        host,
        port,
      })),
    }
  }

  return readOnChange(
    clock,
    {
      // The folder is watched, because IIS and editors replace the file.
      folder: dirname(file),
      depth: 0,
      isOurs: (path) => basename(path) === basename(file),
      onError: ({ message }) =>
        report(farmProblem(farm, 'discover.iis', `changes cannot be watched: ${message}`)),
    },
    async (isStopped) => {
      const result = await attempt()
      if (!isStopped()) events.found(remember(result))
    },
  )
}
