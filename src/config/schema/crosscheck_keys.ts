/** The keys of a farm's `crosscheck`, and of a node's. */
import { address } from './addresses_and_urls.ts'
import { either } from './collections.ts'
import { authKeys, tlsKeys } from './credential_keys.ts'
import { path } from './http_values.ts'
import { mapping } from './mapping.ts'
import { optional, required, type Settled } from './part.ts'
import { texts } from './patterns.ts'
import { duration, off, portNumber, scheme } from './scalars.ts'

export const crosscheckKeys = mapping({
  pool: required(
    texts,
    "The application pool of the site as IIS names it, in any case; several in brackets, when the site's checks lead to " +
      'several.',
    { as: 'pools', example: 'intranet' },
  ),
  scheme: optional(scheme, 'How to speak to windows_exporter.', { standard: 'http' }),
  port: optional(portNumber, 'Its port on every node.', { standard: 9182 }),
  path: optional(path, 'Where it shows its metrics; the query leaves out all collectors but `iis`.', {
    standard: '/metrics?collect[]=iis',
  }),
  interval: optional(duration({ min: '1s', max: '1h' }), 'How often to read it.', {
    as: 'intervalMs',
    standard: '15s',
  }),
  timeout: optional(
    duration({ min: '100ms', max: '1h' }),
    'The longest that reading it may take; no longer than the interval.',
    { as: 'timeoutMs', standard: '10s' },
  ),
  tolerance: optional(
    duration({ min: '0s', max: '1h' }),
    'How far apart the two may see one recycle, beside their intervals: a new worker that is warmed up first answers ' +
      'late.',
    { as: 'toleranceMs', standard: '2m' },
  ),
  auth: optional(authKeys, 'The credentials to send: `basic`, `bearer` or `bearer_file`.'),
  tls: optional(tlsKeys, "How to speak TLS; certificates are checked against the exporter's own address.", {
    standard: {},
  }),
})

export const nodeCrosscheckKeys = either(
  off('a cross-check', '{ address: "10.0.0.11:9182" }'),
  mapping({
    address: optional(address, "Where windows_exporter listens; left out, the node's host.", {
      example: '10.0.0.11:9182',
    }),
    pool: optional(texts, "The application pools of this node; left out, the farm's.", {
      as: 'pools',
      example: 'intranet-v2',
    }),
  }),
)

export type SettledCrosscheck = Settled<typeof crosscheckKeys>
