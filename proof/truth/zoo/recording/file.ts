/** Recordings as files: JSON with the probes in columns, compressed with gzip, whose checksum detects damage. */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Outcome } from '../../../../src/model/outcome.ts'
import { type Columns, fromColumns, type Prediction, type Row, toColumns } from './columns.ts'
import type { RecordedProbe, Recording } from './recording.ts'

const format = 'farmprobe recording'
/** Incremented when an older reader would misread a file; added or absent fields do not count. */
const version = 1

interface File extends Omit<Recording, 'probes'> {
  readonly format: typeof format
  readonly version: number
  readonly probes: Columns
}

/** Each prediction leaves values near 0. */
const predictions: ReadonlyMap<string, Prediction> = new Map<string, Prediction>([
  ['startedMs', 'previous'],
  ['slotMs', ['startedMs']],
  ['lagMs', ['startedMs', '-slotMs']],
  ['firstByteMs', ['phaseMs.wait']],
  [
    'totalMs',
    [
      'phaseMs.resolve',
      'phaseMs.connect',
      'phaseMs.tls',
      'phaseMs.request',
      'phaseMs.wait',
      'phaseMs.transfer',
    ],
  ],
  ['postedMs', ['startedMs', 'totalMs']],
  ['log.cameMs', ['startedMs', 'phaseMs.connect']],
  ['log.endMs', ['startedMs', 'totalMs']],
])

export function writeRecording({ probes, ...rest }: Recording): Buffer {
  const file: File = { format, version, ...rest, probes: toColumns(probes.map(rowOf), predictions) }
  return gzipSync(JSON.stringify(file), { level: 9 })
}

/** @throws Error with `name` and the reason when the file is damaged, of another version or no recording */
export function readRecording(bytes: Uint8Array, name: string): Recording {
  try {
    const file = JSON.parse(gunzipSync(bytes).toString()) as Partial<File> | null
    if (file?.format !== format) throw new Error('it is another kind of file')
    if (file.version !== version)
      throw new Error(`it is of version ${String(file.version)}; this reader knows version ${version}`)
    const { format: _, version: __, probes, ...rest } = file as File
    return { ...rest, probes: fromColumns(probes).map((row, index) => probeOf(row, index)) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${name} is not a readable recording: ${why}`, { cause: error })
  }
}

/** The id of a probe is its index. */
function rowOf({ outcome, postedMs, log }: RecordedProbe): Row {
  const { id: _, phaseMs, ...plain } = outcome
  return { ...plain, ...under('phaseMs', phaseMs), postedMs, ...under('log', log) }
}

function probeOf(row: Row, index: number): RecordedProbe {
  const { postedMs, ...fields } = row
  if (typeof postedMs !== 'number') throw new Error(`probe ${index} has no postedMs`)
  const plain = Object.entries(fields).filter(([name]) => !name.includes('.'))
  // Before lateness was measured it was a flag.
  const latenessMs = row.suspect === true ? row.totalMs : 0
  const outcome = {
    latenessMs,
    ...Object.fromEntries(plain),
    id: `p${index}`,
    phaseMs: within('phaseMs', row),
  }
  return { outcome: outcome as unknown as Outcome, postedMs, log: within('log', row) }
}

const under = (outer: string, inner: object): Row =>
  Object.fromEntries(Object.entries(inner).map(([name, value]) => [`${outer}.${name}`, value]))

const within = (outer: string, row: Row): object =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      name.startsWith(`${outer}.`) ? [[name.slice(outer.length + 1), value]] : [],
    ),
  )
