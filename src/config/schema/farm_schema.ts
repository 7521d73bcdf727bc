/** The keys of a farm. */
import type * as z from 'zod'
import { formatDuration } from '../../runtime/duration.ts'
import { address, hostName, siteUrl } from './addresses_and_urls.ts'
import { builtIn } from './built_in_defaults.ts'
import { checkSchema } from './check_schema.ts'
import { cron, timezone } from './cron_and_timezone.ts'
import { crosscheckSchema, nodeCrosscheckSchema } from './crosscheck_schema.ts'
import { jsonPointer, tokenName } from './http_values.ts'
import { pattern } from './patterns.ts'
import { choice, duration, integer, name, oneLine } from './scalars.ts'
import { list, mapping, optional, required } from './schema_parts.ts'

const scheme = choice(['http', 'https'])

const nodeSchema = mapping({
  name: optional(name, 'The name of the node, unique in its farm; left out, its address.', {
    example: 'web01',
  }),
  address: required(
    address,
    "Where the node listens; without a port, the URL's for the URL's scheme, else the scheme's own.",
    '10.0.0.11:8080',
  ),
  scheme: optional(scheme, 'How to speak to the node; left out, as the URL says.', { example: 'http' }),
  crosscheck: optional(
    nodeCrosscheckSchema,
    "What differs from the farm's `crosscheck` on this node; `off` to read nothing here.",
  ),
})

const port = integer({ min: 1, max: 65_535 })

const discoverSchema = mapping({
  dns: optional(
    mapping({
      name: required(hostName, 'The name to resolve.', 'nodes.intranet.example.org'),
      refresh: optional(duration({ min: '1s', max: '1d' }), 'How often to resolve it again.', {
        standard: formatDuration(builtIn.dnsRefreshMs),
      }),
      port: optional(port, "The port of every node; left out, as for a node's `address`.", { example: 8080 }),
      scheme: optional(scheme, 'How to speak to every node; left out, as the URL says.', { example: 'http' }),
    }),
    'Every A and AAAA record of a name is a node. A refresh that fails keeps the nodes and is counted.',
  ),
  file: optional(
    mapping({
      path: required(
        oneLine('write a file name or a glob pattern, such as nodes/*.yaml'),
        "Files in Prometheus's file_sd format, JSON or YAML; `*` matches within a folder, `**` across folders. A " +
          'relative path starts at the configuration file. The files are watched.',
        'nodes/*.yaml',
      ),
    }),
    'Every target listed in files is a node. A file that breaks keeps its nodes and is counted.',
  ),
  iis: optional(
    mapping({
      path: required(
        oneLine('write a file name, such as applicationHost.config'),
        'The `applicationHost.config` of the balancer; a relative path starts at the configuration file. It is watched.',
        'applicationHost.config',
      ),
      farm: required(
        oneLine('write the name of a web farm'),
        "The web farm's name, in any case.",
        'intranet',
      ),
      scheme: optional(
        scheme,
        'How to speak to every node; left out, as the rewrite rule that routes to the farm does.',
        { example: 'https' },
      ),
    }),
    "Every enabled server of an IIS web farm (Application Request Routing) is a node, on the farm's ports. A file that " +
      'breaks keeps its nodes and is counted.',
  ),
})

const identitySchema = mapping({
  header: optional(tokenName('header', 'X-Worker'), 'A header of the answer.', { example: 'X-Worker' }),
  json: optional(jsonPointer, 'A JSON pointer into the body.', { example: '/startedAt' }),
  body: optional(pattern, 'A regular expression for the body; its first group, else all it matches.', {
    example: 'pid=(\\d+)',
  }),
})

const servedBySchema = mapping({
  header: optional(tokenName('header', 'X-Node'), "A header of the balancer's answer.", {
    example: 'X-Node',
  }),
  cookie: optional(tokenName('cookie', 'ARRAffinity'), 'A cookie the balancer sets.', {
    example: 'ARRAffinity',
  }),
})

const windowSchema = mapping({
  cron: required(cron({ seconds: false }), 'When the window opens.', '0 3 * * 0'),
  timezone: optional(timezone, 'The time zone of `cron`.', {
    standard: builtIn.timezone,
    example: 'Europe/London',
  }),
  for: required(duration({ min: '1m', max: '31d' }), 'How long it stays open.', '1h'),
})

export const farmSchema = mapping({
  name: required(name, 'The name of the farm.', 'intranet'),
  url: required(
    siteUrl,
    'The site as users reach it: it gives scheme, Host, TLS server name and port of every request.',
    'https://intranet.example.org',
  ),
  address: optional(address, 'Pins the balancer to an address instead of resolving the name in `url`.', {
    example: '10.0.0.5:443',
  }),
  nodes: optional(
    list(nodeSchema),
    'The servers behind the balancer: the same request goes to each of them.',
  ),
  discover: optional(discoverSchema, 'Where to find nodes, instead of or beside `nodes`.'),
  identity: optional(
    identitySchema,
    'Where an answer shows which worker process gave it: one of the keys below. A new value is a recycle.',
  ),
  served_by: optional(
    servedBySchema,
    "Where the balancer's answer shows which node it came from: one of the keys below.",
  ),
  maintenance: optional(
    list(windowSchema),
    'Windows of planned work: probes go on, and their results are tagged.',
  ),
  crosscheck: optional(
    crosscheckSchema,
    'Reads windows_exporter on every node, and tells where the recycles that it counts and those seen from outside ' +
      'differ.',
  ),
  checks: optional(list(checkSchema), 'The requests to make; left out, one named `home` for `/`.'),
})

type Written<T> = NonNullable<z.output<T & z.ZodType>>

/** A farm as written: whatever is missing or wrong is undefined. */
export type WrittenFarm = Written<typeof farmSchema>
export type WrittenNode = Written<typeof nodeSchema>
export type WrittenDiscover = Written<typeof discoverSchema>
export type WrittenWindow = Written<typeof windowSchema>
