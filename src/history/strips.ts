/** How each part of a span went for a target, all its checks together: as much as a strip of coloured cells shows. */
import type { Reason, Subject } from '../model/outcome.ts'
import type { Span } from '../model/past.ts'
import { failuresByReason, type Rollup } from './rollup.ts'
import type { Piece } from './steps.ts'

/** The lists have a number for each cell. */
export interface Strip extends Pick<Subject, 'farm' | 'target'> {
  readonly probes: number[]
  readonly failures: number[]
  /** The longest time to first byte of scheduled probes, in milliseconds; 0 without an answer. */
  readonly longestMs: number[]
  /** Failures by reason, of the cells that have any. */
  readonly reasons: Map<number, Partial<Record<Reason, number>>>
}

/** Strips of cells of `cellMs` each, from the beginning of the span on. */
export function stripsOf(pieces: Iterable<Piece>, { sinceMs, untilMs }: Span, cellMs: number): Strip[] {
  const zeros = () => Array.from({ length: Math.ceil((untilMs - sinceMs) / cellMs) }, () => 0)
  const strips = new Map<string, Strip>()
  for (const { atMs, subject, rollup } of pieces) {
    const { farm, target } = subject
    const key = `${farm}\n${target}`
    let strip = strips.get(key)
    if (strip === undefined) {
      strip = { farm, target, probes: zeros(), failures: zeros(), longestMs: zeros(), reasons: new Map() }
      strips.set(key, strip)
    }
    addToCell(strip, Math.floor((atMs - sinceMs) / cellMs), rollup)
  }
  return [...strips.values()]
}

function addToCell({ probes, failures, longestMs, reasons }: Strip, cell: number, rollup: Rollup): void {
  // A piece may reach over the edge of the span.
  if (probes[cell] === undefined) return
  probes[cell] += rollup.probes
  failures[cell] = (failures[cell] ?? 0) + rollup.failures
  longestMs[cell] = Math.max(longestMs[cell] ?? 0, rollup.longestMs)
  if (rollup.failures === 0) return
  const known = reasons.get(cell) ?? {}
  for (const [reason, count] of Object.entries(failuresByReason(rollup)) as [Reason, number][])
    known[reason] = (known[reason] ?? 0) + count
  reasons.set(cell, known)
}
