/** Reads metrics that were sent as protobuf messages: as the samples that the text formats have, and native buckets. */
import { PbfReader } from 'pbf'
import type { Sample } from './exposition.ts'

/** A histogram's native buckets: how many observations each index has counted. */
export interface NativeHistogram {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly schema: number
  readonly zero: number
  readonly counts: ReadonlyMap<number, number>
}

type Fields = ReadonlyMap<number, readonly unknown[]>
type Read = (pbf: PbfReader) => unknown

const varint: Read = (pbf) => pbf.readVarint()
const sint: Read = (pbf) => pbf.readSVarint()
const double: Read = (pbf) => pbf.readDouble()
const text: Read = (pbf) => pbf.readString()
const sints: Read = (pbf) => pbf.readPackedSVarint()
const message =
  (fields: Readonly<Record<number, Read>>): Read =>
  (pbf) =>
    fieldsOf(pbf, fields, pbf.readVarint() + pbf.pos)

const label = message({ 1: text, 2: text })
const value = message({ 1: double })
const bucket = message({ 1: varint, 2: double })
const span = message({ 1: sint, 2: varint })
const histogram = message({
  1: varint,
  2: double,
  3: bucket,
  5: sint,
  6: double,
  7: varint,
  12: span,
  13: sints,
})
const quantile = message({ 1: double, 2: double })
const summary = message({ 1: varint, 2: double, 3: quantile })
const metric = message({ 1: label, 2: value, 3: value, 4: summary, 7: histogram })
const family = { 1: text, 2: text, 3: varint, 4: metric }

function fieldsOf(pbf: PbfReader, known: Readonly<Record<number, Read>>, end: number): Fields {
  return pbf.readFields<Map<number, unknown[]>>(
    (tag, fields, reader) => {
      const read = known[tag]
      if (read !== undefined) fields.set(tag, [...(fields.get(tag) ?? []), read(reader)])
    },
    new Map(),
    end,
  )
}

const all = (fields: Fields, tag: number) => (fields.get(tag) ?? []) as Fields[]
const numberIn = (fields: Fields, tag: number) => Number(fields.get(tag)?.[0] ?? 0)
const boundText = (bound: number) =>
  bound === Number.POSITIVE_INFINITY ? '+Inf' : Number.isInteger(bound) ? `${bound}.0` : `${bound}`

export function readProtobuf(bytes: Uint8Array): { samples: Sample[]; natives: NativeHistogram[] } {
  const pbf = new PbfReader(bytes)
  const samples: Sample[] = []
  const natives: NativeHistogram[] = []
  while (pbf.pos < pbf.length) {
    const fields = fieldsOf(pbf, family, pbf.readVarint() + pbf.pos)
    const name = String(fields.get(1)?.[0])
    for (const each of all(fields, 4)) {
      const labels = Object.fromEntries(all(each, 1).map((pair) => [pair.get(1)?.[0], pair.get(2)?.[0]]))
      for (const of of [...all(each, 2), ...all(each, 3)])
        samples.push({ name, labels, value: numberIn(of, 1) })
      for (const of of [...all(each, 4), ...all(each, 7)]) {
        samples.push({ name: `${name}_sum`, labels, value: numberIn(of, 2) })
        samples.push({ name: `${name}_count`, labels, value: numberIn(of, 1) })
      }
      for (const of of all(each, 4))
        for (const step of all(of, 3)) {
          const labelled = { ...labels, quantile: boundText(numberIn(step, 1)) }
          samples.push({ name, labels: labelled, value: numberIn(step, 2) })
        }
      for (const of of all(each, 7)) {
        for (const le of all(of, 3))
          samples.push({
            name: `${name}_bucket`,
            labels: { ...labels, le: boundText(numberIn(le, 2)) },
            value: numberIn(le, 1),
          })
        if (of.has(5)) natives.push({ name, labels, ...nativeOf(of) })
      }
    }
  }
  return { samples, natives }
}

function nativeOf(of: Fields) {
  const deltas = ((of.get(13)?.[0] ?? []) as number[]).values()
  const counts = new Map<number, number>()
  let index = 0
  let count = 0
  for (const each of all(of, 12)) {
    index += numberIn(each, 1)
    for (let i = 0; i < numberIn(each, 2); i++) {
      count += deltas.next().value ?? Number.NaN
      counts.set(index++, count)
    }
  }
  return { schema: numberIn(of, 5), zero: numberIn(of, 7), counts }
}
