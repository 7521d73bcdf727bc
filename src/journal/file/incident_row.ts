/** An incident as a row of the journal holds it. */
import {
  fieldsOf,
  flag,
  listOf,
  nullable,
  number,
  oneOf,
  type Shape,
  tallies,
  text,
} from '../../detect/shape.ts'
import { causes, type Incident, impacts, weights } from '../../model/incident.ts'

export const incidentShape: Shape<Incident> = fieldsOf({
  id: text,
  farm: text,
  impact: oneOf(impacts),
  openedMs: number,
  closedMs: nullable(number),
  maintenance: flag,
  checks: listOf(text),
  errors: tallies,
  usersMs: nullable(fieldsOf({ fromMs: number, toMs: number })),
  probes: number,
  failed: number,
  failedShare: number,
  nodes: listOf(fieldsOf({ node: text, cause: oneOf(causes), errors: number, failures: number })),
  node: text,
  cause: oneOf(causes),
  confidence: number,
  why: listOf(fieldsOf({ weight: oneOf(weights), sentence: text })),
  summary: text,
  cure: text,
  runbook: text,
  amended: listOf(text),
})
