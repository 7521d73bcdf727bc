/** What rows hold. A damaged file may hold anything: what cannot be what was written is skipped, and reported. */
import {
  countsOf,
  fieldsOf,
  flag,
  listOf,
  number,
  oneOf,
  optional,
  type Shape,
  tallies,
  text,
} from '../../detect/shape.ts'
import type { Numbering } from '../../history/numbering.ts'
import type { Rollup } from '../../history/rollup.ts'
import { takeRollup } from '../../history/rollup_bytes.ts'
import {
  type FarmEvent,
  habits,
  identityFindings,
  lateNews,
  recycleEvidence,
  verdicts,
} from '../../model/event.ts'
import { causes, type Incident } from '../../model/incident.ts'
import { linkStates } from '../../model/link.ts'
import { lanes, type Outcome, phases, reasons, type Subject } from '../../model/outcome.ts'
import { endReasons, sides, workerCauses } from '../../model/workers.ts'
import type { Note, NoteKind } from '../note.ts'
import { isOfRow } from './disk_error.ts'
import { incidentShape } from './incident_row.ts'

/** Called for each row that cannot be read, or written, with the name of its table. */
export type OnDamage = (table: string) => void

type Fields = Readonly<Record<string, Shape<unknown>>>

/** Fields of one shape. */
const all = (shape: Shape<unknown>, ...names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, shape]))

const lane = oneOf(lanes)
const reason = oneOf(reasons)
const evidence = oneOf(recycleEvidence)
const subject = { ...all(text, 'target', 'check'), role: oneOf(['balancer', 'node']) }

/** What each kind of event has beside what all have. */
const events: Readonly<Record<FarmEvent['kind'], Fields>> = {
  recycle: { target: text, evidence, confidence: number, because: optional(text) },
  stall: { target: text, ...all(number, 'lengthMs', 'probes') },
  first_request: { ...all(text, 'target', 'check'), firstByteMs: number, reason, traceId: optional(text) },
  outage_opened: { ...subject, reason, detail: text },
  outage_closed: { ...subject, reason, lengthMs: number, failures: countsOf(reasons) },
  verdict: { check: text, ...all(oneOf(verdicts), 'verdict', 'previous'), heldMs: number },
  balancer_error: {
    ...all(text, 'check', 'id', 'origin', 'node'),
    ...all(number, 'status', 'firstByteMs'),
    lane,
    cause: oneOf(causes),
    ...all(optional(text), 'tells', 'traceId'),
    suspects: optional(listOf(text)),
  },
  link: {
    target: text,
    ...all(oneOf(linkStates), 'state', 'previous'),
    lengthMs: number,
    failures: tallies,
    other: optional(text),
  },
  deploy: { targets: listOf(text) },
  habit: { ...all(text, 'target', 'sentence'), habit: oneOf(habits) },
  identity: {
    ...all(text, 'target', 'check'),
    finding: oneOf(identityFindings),
    ...all(optional(text), 'other', 'source'),
  },
  maintenance: { active: flag },
  crosscheck: {
    target: text,
    seen: oneOf(sides),
    late: optional(oneOf(lateNews)),
    outside: optional(fieldsOf({ atMs: number, evidence, confidence: number })),
    inside: optional(
      fieldsOf({
        ...all(number, 'fromMs', 'toMs', 'workers'),
        cause: oneOf(workerCauses),
        pools: listOf(text),
        was: optional(fieldsOf({ ...all(number, 'atMs', 'id'), reason: oneOf(endReasons), what: text })),
      }),
    ),
  },
  exporter: { ...all(text, 'target', 'detail'), up: flag },
  incident_opened: { snapshot: incidentShape },
  incident_closed: { snapshot: incidentShape },
}

const farm = optional(text)

const notes: Readonly<Record<NoteKind, Fields>> = {
  mark: { text, farm, target: optional(text) },
  blind: { untilMs: number, farm, why: oneOf(['stopped', 'killed', 'late']) },
  gap: { untilMs: number, why: text, lost: fieldsOf(all(number, 'events', 'minutes', 'probes')) },
  start: { version: text },
  stop: {},
  config: { text, farm },
  prober_restart: { prober: number },
  set_aside: all(text, 'file', 'why'),
}

const header: Shape<string[]> = {
  ...listOf(text),
  fits: (value): value is string[] => listOf(text).fits(value) && value.length === 2,
}

const probe = fieldsOf({
  ...all(text, 'id', 'detail', 'address'),
  ...all(number, 'slotMs', 'startedMs', 'lagMs', 'status', 'totalMs', 'bodyBytes'),
  ...all(optional(number), 'authMs', 'firstByteMs', 'notAfterMs', 'latenessMs'),
  ...all(optional(text), 'traceId', 'identity', 'servedBy', 'origin', 'tells', 'remark'),
  lane,
  reason,
  suspect: optional(flag),
  phaseMs: countsOf(phases),
  evidence: optional(fieldsOf({ ...all(text, 'statusText', 'bodyStart'), headers: listOf(header) })),
})

/** Undefined for what is no event. */
export const eventIn = (json: unknown): FarmEvent | undefined =>
  ofKind<FarmEvent>(json, events, { atMs: number, farm: text, maintenance: flag, incident: optional(text) })

/** Undefined for what is no incident. */
export function incidentIn(json: unknown): Incident | undefined {
  const value = jsonIn(json)
  return incidentShape.fits(value) ? value : undefined
}

/** Undefined for what is no note. */
export const noteIn = (json: unknown): Note | undefined => ofKind<Note>(json, notes, { atMs: number })

type Kept = Omit<Outcome, keyof Subject>

/** Undefined for what is no probe. */
export function probeIn(json: unknown): Kept | undefined {
  const value = jsonIn(json)
  if (!probe.fits(value)) return undefined
  // Up to the version that measured it, lateness was a flag. `fits` has just looked at every field of the type.
  const { suspect = false, ...rest } = value as unknown as Kept & { readonly suspect?: boolean }
  return { ...rest, latenessMs: rest.latenessMs ?? (suspect ? rest.totalMs : 0) }
}

function ofKind<T extends { readonly kind: string }>(
  json: unknown,
  kinds: Readonly<Record<T['kind'], Fields>>,
  common: Fields,
): T | undefined {
  const value = Object(jsonIn(json)) as T
  const own = Object.hasOwn(kinds, value.kind) ? kinds[value.kind as T['kind']] : undefined
  return own !== undefined && fieldsOf({ ...common, ...own }).fits(value) ? value : undefined
}

/** Undefined for what is no JSON. */
export function jsonIn(text: unknown): unknown {
  try {
    return JSON.parse(text as string)
  } catch {
    return undefined
  }
}

/** Undefined for what is no rollup. */
export function rollupIn(bytes: unknown, words: Numbering<string>): Rollup | undefined {
  try {
    return takeRollup({ bytes: bytes as Uint8Array, at: 0 }, words)
  } catch {
    return undefined
  }
}

/** What can be read of the rows of a table; the others are reported. */
export function* readable<Row, T>(
  table: string,
  rows: Iterable<Row>,
  read: (row: Row) => T | undefined,
  onDamage: OnDamage,
): Generator<T> {
  for (const row of rows) {
    const value = read(row)
    if (value === undefined) onDamage(table)
    else yield value
  }
}

/** Writes each; what cannot be written for its own sake is left out and reported: the rest must not wait for it. */
export function writeEach<T>(
  table: string,
  items: Iterable<T>,
  write: (item: T) => void,
  onDamage: OnDamage,
): void {
  for (const item of items)
    try {
      write(item)
    } catch (error) {
      if (!isOfRow(error)) throw error
      onDamage(table)
    }
}
