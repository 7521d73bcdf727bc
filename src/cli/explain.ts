import { stat } from 'node:fs/promises'
import { type ExplainOptions, explainLogs } from '../iis/explain/explain_logs.ts'
import { readMachine } from '../iis/read/machine.ts'
import { remarkText } from '../iis/read/remark.ts'
import type { JournalReader } from '../journal/read/reader.ts'
import { formatBytes } from '../runtime/bounded_file.ts'
import { explainedHtml } from './explain_html.ts'
import { explainedText } from './explain_text.ts'
import type { Edge, Stream } from './process_edge.ts'
import { withSeen } from './seen_by_farmprobe.ts'
import { withJournalAt, writePage } from './with_journal.ts'

export interface ExplainFlags {
  readonly farm?: string
  /** The balancer's applicationHost.config, which names the farm. */
  readonly farmConfig?: string
  readonly since?: number
  readonly until?: number
  readonly json?: true
  /** farmprobe's own journal, a database file. */
  readonly journal?: string
  /** Where to write the page. */
  readonly html?: string
}

/**
 * The verb `explain`: the incidents that logs of IIS show. Returns the exit code: 0 nothing found, 1 incidents, 2 a file
 * that cannot be read or written.
 */
export async function explain(files: readonly string[], flags: ExplainFlags, edge: Edge): Promise<number> {
  const { farmConfig, journal } = flags
  const named = farmConfig === undefined ? farmNamed(flags.farm) : await farmIn(farmConfig, flags.farm, edge)
  if ('problem' in named) {
    edge.stderr.write(`--farm-config: ${named.problem}\n`)
    return 2
  }
  const tell = (seen?: JournalReader) => tellLogs(files, flags, named, edge, seen)
  return journal === undefined ? tell() : withJournalAt(journal, edge, tell)
}

async function tellLogs(
  files: readonly string[],
  { since, until, json, html }: ExplainFlags,
  farm: Pick<ExplainOptions, 'farm' | 'farmOf'>,
  edge: Edge,
  journal: JournalReader | undefined,
): Promise<number> {
  const found = await explainLogs(files, {
    ...farm,
    ...(since !== undefined && { sinceMs: since }),
    ...(until !== undefined && { untilMs: until }),
    onBytes: await progress(files, edge.stderr),
  })
  const explanation =
    journal === undefined ? found : { ...found, incidents: withSeen(found.incidents, journal) }
  for (const { file, problem } of explanation.files)
    if (problem !== undefined) edge.stderr.write(`${file}: ${problem}\n`)
  const unread = explanation.files.filter(({ problem }) => problem !== undefined).length
  if (html !== undefined) {
    if (!(await writePage(html, explainedHtml(explanation), edge))) return 2
  } else if (json) edge.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
  else if (unread < explanation.files.length) edge.stdout.write(explainedText(explanation, edge.stdout))
  if (unread > 0) return 2
  return explanation.incidents.length > 0 ? 1 : 0
}

const farmNamed = (farm: string | undefined) => (farm === undefined ? {} : { farm })

/** The farm that a configuration of ARR has: the only one, or the one of that name; else which hosts are of which. */
async function farmIn(
  file: string,
  name: string | undefined,
  { env }: Edge,
): Promise<{ problem: string } | Pick<ExplainOptions, 'farm' | 'farmOf'>> {
  const result = await readMachine(file, { env })
  if ('problem' in result) return { problem: remarkText(result.problem) }
  const { farms, routes } = result.machine
  const names = farms.map((each) => each.name)
  const found = name === undefined && names.length === 1 ? names[0] : names.find((each) => each === name)
  if (found !== undefined) return { farm: found }
  if (name !== undefined || names.length === 0)
    return {
      problem: `${file} has ${names.length === 0 ? 'no web farm' : `no web farm ${name}, but ${names.join(', ')}`}`,
    }
  const byHost = new Map(routes.flatMap(({ hosts, farm }) => hosts.map((host) => [host, farm] as const)))
  return { farmOf: (host: string) => byHost.get(host.toLowerCase().replace(/:\d+$/, '')) }
}

const clearLine = '\r\u001b[K'
/** Less is read before anybody wonders. */
const mostSilentBytes = 32 * 1024 * 1024

/** On a terminal, how much of large files has been read. */
async function progress(files: readonly string[], stderr: Stream): Promise<(bytes: number) => void> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)
  let [done, told] = [0, -1]
  return (bytes) => {
    done += bytes
    const percent = Math.floor((100 * done) / total)
    if (stderr.isTTY !== true || percent === told || total < mostSilentBytes) return
    told = percent
    stderr.write(done >= total ? clearLine : `${clearLine}reading, ${percent} % of ${formatBytes(total)}`)
  }
}
