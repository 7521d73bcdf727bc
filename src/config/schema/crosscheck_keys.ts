/** The keys of a farm's `crosscheck`, and of a node's. */
import { address } from './addresses_and_urls.ts'
import { either } from './collections.ts'
import { authKeys, tlsKeys } from './credential_keys.ts'
import { path } from './http_values.ts'
import { mapping } from './mapping.ts'
import { optional, required, type Settled } from './part.ts'
import { oneLineTexts } from './patterns.ts'
import { duration, flag, off, oneLine, portNumber, scheme } from './scalars.ts'

export const crosscheckKeys = mapping({
  pool: required(
    oneLineTexts,
    "The site's application pool, named as in IIS; case does not matter. A list, when the site's checks use several.",
    { as: 'pools', example: 'intranet' },
  ),
  exporter: optional(
    flag,
    "Whether windows_exporter is read; `false` where WAS's events alone say what happens inside (the keys under `was`).",
    { default: true },
  ),
  scheme: optional(scheme, 'The scheme to reach windows_exporter.', { default: 'http' }),
  port: optional(portNumber, 'Its port on every node.', { default: 9182 }),
  path: optional(path, 'The path of its metrics; the query leaves out all collectors but `iis`.', {
    default: '/metrics?collect[]=iis',
  }),
  interval: optional(duration({ min: '1s', max: '1h' }), 'How often to read it.', {
    as: 'intervalMs',
    default: '15s',
  }),
  timeout: optional(
    duration({ min: '100ms', max: '1h' }),
    'The longest a read may take; at most the interval.',
    { as: 'timeoutMs', default: '10s' },
  ),
  tolerance: optional(
    duration({ min: '0s', max: '1h' }),
    'How far apart both may see the same recycle, in addition to their intervals: a new worker that is warmed up first ' +
      'answers late.',
    { as: 'toleranceMs', default: '2m' },
  ),
  auth: optional(authKeys, 'Credentials to send: `basic`, `bearer` or `bearer_file`.'),
  tls: optional(tlsKeys, "TLS settings; certificates are verified against the exporter's own address.", {
    default: {},
  }),
})

export const nodeCrosscheckKeys = either(
  off('a cross-check', '{ address: "10.0.0.11:9182" }'),
  mapping({
    address: optional(address, "Where windows_exporter listens; by default, on the node's host.", {
      example: '10.0.0.11:9182',
    }),
    computer: optional(
      oneLine('write the name of the computer'),
      "How events of Windows name this node, with or without its domain; by default, the node's name or host.",
      { example: 'WEBPRD01' },
    ),
    pool: optional(oneLineTexts, "The application pools of this node; by default, the farm's.", {
      as: 'pools',
      example: 'intranet-v2',
    }),
  }),
)

export type SettledCrosscheck = Settled<typeof crosscheckKeys>
