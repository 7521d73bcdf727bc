/** The words that the schemas of the API share. */
import { z } from 'zod'
import { verdicts } from '../../model/event.ts'
import { lanes, phases, reasons } from '../../model/outcome.ts'

export const atMs = z.number().describe('Wall time in milliseconds since the Unix epoch.')
export const ms = z.number().min(0).describe('Milliseconds.')
export const at = z.iso.datetime().describe('The same time as atMs, as RFC 3339 in UTC.')
export const farm = z.string().describe('The name of a farm.')
export const target = z.string().describe('The name of a node, or `balancer`.')
export const check = z.string().describe('The name of a check.')
export const role = z.enum(['balancer', 'node'])
export const reason = z.enum(reasons).describe('Why a probe failed, or `ok`; the set is closed.')
export const verdict = z.enum(verdicts)
export const lane = z.enum(lanes).describe('Why a probe ran.')
export const reasonCounts = z.partialRecord(reason, z.int().min(0)).describe('Failures by reason.')
export const phaseMs = z
  .partialRecord(z.enum(phases), ms)
  .describe('Milliseconds per phase; one never reached is absent.')
export const status = z.int().describe('The status code; 0 when no answer came.')
