/** The keys of a farm's `crosscheck`, and of a node's. */
import * as z from 'zod'
import { address } from './addresses_and_urls.ts'
import { builtInCrosscheck as standard } from './built_in_defaults.ts'
import { auth, tls } from './check_schema.ts'
import { path } from './http_values.ts'
import { texts } from './patterns.ts'
import { choice, duration, integer, off } from './scalars.ts'
import { mapping, optional, required } from './schema_parts.ts'

const poolDoc =
  "The application pool of the site as IIS names it, in any case; several in brackets, when the site's checks lead to " +
  'several.'

export const crosscheckSchema = mapping({
  pool: required(texts, poolDoc, 'intranet'),
  scheme: optional(choice(['http', 'https']), 'How to speak to windows_exporter.', {
    standard: standard.scheme,
  }),
  port: optional(integer({ min: 1, max: 65_535 }), 'Its port on every node.', { standard: standard.port }),
  path: optional(path, 'Where it shows its metrics; the query leaves out all collectors but `iis`.', {
    standard: standard.path,
  }),
  interval: optional(duration({ min: '1s', max: '1h' }), 'How often to read it.', {
    standard: standard.interval,
  }),
  timeout: optional(
    duration({ min: '100ms', max: '1h' }),
    'The longest that reading it may take; no longer than the interval.',
    { standard: standard.timeout },
  ),
  tolerance: optional(
    duration({ min: '0s', max: '1h' }),
    'How far apart the two may see one recycle, beside their intervals: a new worker that is warmed up first answers ' +
      'late.',
    { standard: standard.tolerance },
  ),
  auth: optional(auth, 'The credentials to send: `basic`, `bearer` or `bearer_file`.'),
  tls: optional(tls, "How to speak TLS; certificates are checked against the exporter's own address."),
})

export const nodeCrosscheckSchema = z.union([
  off('a cross-check', '{ address: "10.0.0.11:9182" }'),
  mapping({
    address: optional(address, "Where windows_exporter listens; left out, the node's host.", {
      example: '10.0.0.11:9182',
    }),
    pool: optional(texts, "The application pools of this node; left out, the farm's.", {
      example: 'intranet-v2',
    }),
  }),
])

export type WrittenCrosscheck = NonNullable<z.output<typeof crosscheckSchema>>
