/** The file_sd format of Prometheus: a list of groups, each with targets and labels. */
import { hostPort } from '../addresses/host_port.ts'
import type { FileSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import { type Address, parseAddress, usualPort } from '../config/schema/addresses_and_urls.ts'
import { list } from '../config/schema/collections.ts'
import { mapping } from '../config/schema/mapping.ts'
import { optional, type Part, settle, value } from '../config/schema/part.ts'
import { readName, readText } from '../config/schema/scalars.ts'
import { fileProblem, type Problem } from '../config/yaml/problem.ts'
import { startReading } from '../config/yaml/reading.ts'
import type { ReadText } from '../config/yaml/text_file.ts'
import { isMapping, isNothing, likeGo, readTree } from '../config/yaml/tree.ts'
import type { Scheme } from '../model/farm.ts'
import type { Attempt } from './node_source.ts'

const example = ['10.0.0.11:8080', '[::1]:8080']

const targets: Part<readonly Address[]> = value({
  json: { type: 'array', items: { type: 'string' } },
  kind: 'addresses',
  right: `write a list of addresses, such as ${JSON.stringify(example)}`,
  read: (raw, wrong) => {
    if (isNothing(raw)) return []
    if (!Array.isArray(raw)) return wrong('not a list')
    return raw.flatMap((item: unknown, index): Address[] => {
      const written = readText(item, (what) => wrong(what, undefined, [index]))
      if (written === undefined) return []
      const parsed = parseAddress(written)
      if (typeof parsed !== 'string' && parsed.port !== 0) return [parsed]
      wrong(typeof parsed === 'string' ? parsed : 'port 0', 'write host:port, such as "10.0.0.11:8080"', [
        index,
      ])
      return []
    })
  },
})

interface Labels {
  readonly node?: string
  readonly scheme?: Scheme
}

/** Only the labels `node` and `__scheme__` are used. */
const labels: Part<Labels> = value({
  json: { type: 'object', additionalProperties: { type: 'string' } },
  kind: 'labels',
  right: 'write a mapping of names and texts, such as { node: web01 }',
  read: (raw, wrong) => {
    if (isNothing(raw)) return {}
    if (!isMapping(raw)) return wrong('not a mapping')
    for (const [name, item] of Object.entries(raw))
      readText(item, (what, right) => wrong(what, right, [name]))
    const { node, __scheme__: scheme } = raw
    const name =
      node === undefined || node === ''
        ? undefined
        : readName(node, (what, right) => wrong(what, right, ['node']))
    if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
      return wrong('not a scheme', 'write http or https', ['__scheme__'])
    return { ...(name !== undefined && { node: name }), ...(scheme !== undefined && { scheme }) }
  },
})

const fileSdKeys = list(
  mapping({
    targets: optional(targets, 'The addresses of nodes.', { default: [], example }),
    labels: optional(labels, 'Labels of all of them.', { default: {} }),
  }),
)

export type FileSdResult =
  | { readonly candidates: readonly Candidate[] }
  | { readonly problems: readonly Problem[] }

/** How many values of YAML a file may have for each node that is allowed: names, labels, addresses. */
const valuesPerNode = 50

/** Reads one file of targets. Never rejects because of what it holds. */
export async function readTargets(file: string, source: FileSource, readText: ReadText): Promise<Attempt> {
  const result = await readText(file)
  if (!('text' in result)) return { problem: fileProblem(file, `cannot be read: ${result.why}`) }
  const parsed = parseFileSd(result.text, file, source)
  return 'candidates' in parsed ? parsed : { problem: firstOf(parsed.problems, file) }
}

/** Only the first problem of a file is reported: the others are often its consequences. */
function firstOf([first, ...others]: readonly Problem[], file: string): Problem {
  if (first === undefined) return fileProblem(file, 'cannot be read')
  return others.length === 0 ? first : { ...first, message: `${first.message} (and ${others.length} more)` }
}

/** Reads the text of one file of targets, JSON or YAML, as Prometheus does. A file with any problem is refused as a whole: half a list would look complete. */
export function parseFileSd(
  text: string,
  file: string,
  { site, maxNodes }: Pick<FileSource, 'site' | 'maxNodes'>,
): FileSdResult {
  const insteadOfMany = `write fewer, or raise discover.max_nodes above ${maxNodes}`
  const format = { ...likeGo, mostValues: valuesPerNode * maxNodes, insteadOfMany }
  const { tree, problems: unreadable } = readTree(text, file, undefined, format)
  if (unreadable.length > 0) return { problems: unreadable }
  if (isNothing(tree.value ?? ''))
    return { problems: [tree.problem([], 'the file is empty; write [] for no targets')] }
  const reading = startReading(tree)
  const groups = fileSdKeys.read(tree.value, [], reading)
  if (reading.problems.length > 0 || groups === undefined) return { problems: reading.problems }
  return {
    candidates: settle(fileSdKeys, groups).flatMap(
      ({ targets: addresses, labels: { node, scheme = site.scheme } }) => {
        const own = addresses.length === 1 ? node : undefined
        return addresses.map(({ host, port }) => ({
          name: own ?? (port === undefined ? host : hostPort({ host, port })),
          ...(own !== undefined && { isChosen: true as const }),
          scheme,
          host,
          port: port ?? usualPort(site, scheme),
        }))
      },
    ),
  }
}
