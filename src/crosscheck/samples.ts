/**
 * Reads the lines of Prometheus's text format that begin with a prefix, and only those: an exporter shows thousands of
 * others. One pass over the text.
 */

export interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

/** More than any exporter has of these; one that sends more is refused. */
const most = { samples: 20_000, lineLength: 4096, labels: 16 } as const

/** The samples whose names begin with `prefix`; a text that is not what it should be gives the reason, in words. */
export function readSamples(text: string, prefix: string): readonly Sample[] | string {
  const samples: Sample[] = []
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    if (text.startsWith(prefix, start)) {
      const sample = end - start > most.lineLength ? undefined : sampleOf(text.slice(start, end))
      if (sample === undefined) return `a line is not a sample in Prometheus's text format`
      if (samples.push(sample) > most.samples) return `it shows more than ${most.samples} ${prefix} series`
    }
    start = end + 1
  }
  return samples
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/

/** `name{label="value",...} value [timestamp]` */
function sampleOf(line: string): Sample | undefined {
  const name = metricName.exec(line)?.[0]
  if (name === undefined) return undefined
  const labels = new Map<string, string>()
  const at = line[name.length] === '{' ? readLabels(line, name.length + 1, labels) : name.length
  const [text = '', timestamp, ...more] = line
    .slice(at ?? line.length)
    .trim()
    .split(/[ \t]+/)
  const value = valueOf(text)
  if (at === undefined || value === undefined || more.length > 0) return undefined
  if (timestamp !== undefined && !/^-?\d+$/.test(timestamp)) return undefined
  return { name, labels, value }
}

const oneLabel = /([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,?)[ \t]*/y

/** Fills `labels` from the one at `at` on; returns where what follows the closing brace begins. */
function readLabels(line: string, at: number, labels: Map<string, string>): number | undefined {
  let next = at
  let more = true
  while (line[next] !== '}') {
    oneLabel.lastIndex = next
    const found: RegExpExecArray | null = more ? oneLabel.exec(line) : null
    if (found === null) return undefined
    const [, name = '', value = '', comma]: readonly string[] = found
    if (labels.has(name) || labels.size >= most.labels) return undefined
    labels.set(name, unescaped(value))
    more = comma === ','
    next = oneLabel.lastIndex
  }
  return next + 1
}

const unescaped = (value: string) =>
  value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))

const special: Readonly<Record<string, number>> = {
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
}

const valueOf = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : special[text]
