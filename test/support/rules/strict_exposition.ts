/** Reads an exposition as strictly as the two formats are written down, and throws at the first thing that is wrong. */
import { parseExposition, type Sample } from './exposition.ts'

export interface StrictFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

/** The families of an exposition in either format, by the name that their TYPE line has. */
export function readStrictly(text: string, format: 'text' | 'openmetrics'): Map<string, StrictFamily> {
  const families = new Map<string, StrictFamily>()
  const series = new Set<string>()
  let family: StrictFamily | undefined
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  for (const line of body(text, format)) {
    if (line.startsWith('# HELP ')) {
      family = newFamily(line)
      if (families.has(family.name)) throw new Error(`${family.name} is not in one piece`)
      families.set(family.name, family)
    } else if (line.startsWith('# TYPE ')) {
      const [, , name, type = ''] = line.split(' ')
      if (family === undefined || name !== family.name || family.samples.length > 0)
        throw new Error(`misplaced: ${line}`)
      family = { ...family, type }
      families.set(family.name, family)
    } else {
      if (family === undefined) throw new Error(`a sample before any family: ${line}`)
      family.samples.push(readSample(line, family, format, series))
    }
  }
  for (const each of families.values()) if (each.type === 'histogram') checkHistogram(each)
  return families
}

function body(text: string, format: 'text' | 'openmetrics'): string[] {
  const lines = text.slice(0, -1).split('\n')
  if (format === 'text') return lines
  if (lines.pop() !== '# EOF') throw new Error('OpenMetrics ends with # EOF')
  return lines
}

function newFamily(line: string): StrictFamily {
  const [, name = '', help = ''] = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? []
  if (name === '') throw new Error(`not a HELP line: ${line}`)
  return { name, type: '', help, samples: [] }
}

const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\]|\\[\\n"])*"`
const number = String.raw`(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)`
const sampleShape = new RegExp(String.raw`^[a-zA-Z_:][\w:]*(?:\{${label}(?:,${label})*\})? ${number}$`)
const exemplarShape = new RegExp(String.raw` # \{(${label})\} (${number}) \d+(?:\.\d+)?$`)

/** The line of a sample without its exemplar, which only buckets in OpenMetrics have, at most 128 characters, and within the bucket. */
function withoutExemplar(line: string, format: 'text' | 'openmetrics'): string {
  const [text = '', labels = '', value] = exemplarShape.exec(line) ?? []
  if (format === 'text' || text === '') return line
  const bucket = /^\w+_bucket\{.*le="([^"]+)"\} /.exec(line)?.[1]?.replace('+Inf', 'Infinity')
  if (bucket === undefined || Number(value) > Number(bucket) || labels.length > 128 + '=""'.length)
    throw new Error(`misplaced exemplar: ${line}`)
  return line.slice(0, -text.length)
}

function readSample(
  written: string,
  { name, type }: StrictFamily,
  format: 'text' | 'openmetrics',
  series: Set<string>,
): Sample {
  const line = withoutExemplar(written, format)
  if (!sampleShape.test(line)) throw new Error(`not a sample: ${line}`)
  const [sample] = parseExposition(line)
  if (sample === undefined) throw new Error(`not a sample: ${line}`)
  const ends = type === 'counter' && format === 'openmetrics' ? ['_total'] : (suffixes[type] ?? [''])
  if (!ends.some((end) => sample.name === name + end)) throw new Error(`not of ${type} ${name}: ${line}`)
  const key = line.slice(0, line.lastIndexOf(' '))
  if (series.has(key)) throw new Error(`twice: ${key}`)
  series.add(key)
  return sample
}

const owner = ({ labels }: Sample) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .filter((label) => !label.startsWith('le='))
    .sort()
    .join()

/** Buckets rise, the last one is +Inf and equals the count. */
function checkHistogram({ name, samples }: StrictFamily): void {
  const groups = Map.groupBy(samples, owner)
  for (const [key, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`)
    const rising = buckets.every((bucket, i) => i === 0 || bucket.value >= (buckets[i - 1]?.value ?? 0))
    const count = group.find((sample) => sample.name === `${name}_count`)?.value
    const last = buckets.at(-1)
    if (!rising || last?.labels.le !== '+Inf' || last.value !== count)
      throw new Error(`broken histogram: ${name} ${key}`)
  }
}
