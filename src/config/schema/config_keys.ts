/** The keys of a configuration file: how each is read, what holds when it is left out, and what it means. */
import { endpointUrl, hostPatterns, listenAddress, targetPatterns } from './addresses_and_urls.ts'
import { defaultsKeys } from './check_keys.ts'
import { list } from './collections.ts'
import { fileName } from './credential_keys.ts'
import { farmKeys } from './farm_keys.ts'
import { looseMapping, mapping } from './mapping.ts'
import { type JsonSchema, optional, type Part, required, settle, unsettled, value } from './part.ts'
import { texts } from './patterns.ts'
import { alertmanagerKeys, webhookKeys } from './receiver_keys.ts'
import { duration, flag, integer, oneLine } from './scalars.ts'

/** The only version there is so far. The next one comes with a step that turns a file of this one into one of its own. */
export const newestVersion = 1

const formatVersion: Part<number> = value({
  json: { const: newestVersion },
  kind: 'number',
  right: `write version: ${newestVersion}, or leave it out`,
  read: (raw, wrong) => (raw === newestVersion ? raw : wrong('not a version of this format')),
})

const webKeys = mapping({
  listen: optional(listenAddress, 'Where the page and `/metrics` are served; port 0 takes any free port.', {
    default: '0.0.0.0:9502',
    example: '127.0.0.1:9502',
  }),
  hosts: optional(
    hostPatterns,
    'Names under which browsers and scrapers reach them; `*` stands for any characters. Addresses, names without a dot, ' +
      "this machine's own name and those in the certificate need not be listed; requests for other names are refused.",
    { example: 'farmprobe.example.org' },
  ),
  external_url: optional(
    endpointUrl,
    'Where people open the page: links in alerts, messages and the log begin with it. By default they name this machine.',
    { as: 'externalUrl', example: 'https://farmprobe.example.org/' },
  ),
  config_file: optional(
    fileName,
    "A file in the format of Prometheus's exporter toolkit, which protects them with TLS and passwords.",
    { as: 'configFile', example: 'web.yml' },
  ),
  metrics_listen: optional(
    listenAddress,
    'Serves `/metrics`, `/sd` and `/probe` here instead of under `listen`, with the same protection.',
    { as: 'metrics', example: '10.0.0.5:9503' },
  ),
  health_listen: optional(
    listenAddress,
    'Also serves `/-/healthy` and `/-/ready` here, over plain HTTP and without passwords, for orchestrators.',
    { as: 'health', example: '127.0.0.1:9504' },
  ),
})

const journalKeys = mapping({
  path: optional(oneLine('write a file name'), 'The database file; relative to the working directory.', {
    default: 'data/farmprobe.db',
  }),
  keep: optional(duration({ min: '1h' }), 'How long events are kept.', { as: 'keepMs', default: '90d' }),
})

const incidentsKeys = mapping({
  quiet: optional(
    duration({ min: '1s', max: '1h' }),
    'An incident is over when nothing has failed for so long; what follows within that time is a part of it.',
    { as: 'quietMs', default: '60s' },
  ),
})

const wasKeys = mapping({
  push: optional(
    flag,
    'Whether nodes may send events by `POST /api/v1/was`, with the protection of the page.',
    {
      default: false,
      example: true,
    },
  ),
  folder: optional(
    fileName,
    'A folder with files `*.xml` of such events, which is watched, folders in it too; it need not exist yet.',
    { example: 'was' },
  ),
})

const blackboxKeys = mapping({
  modules: optional(
    fileName,
    'A module file of blackbox_exporter, which is watched; by default there is one module, `http_2xx`.',
    { as: 'modulesFile', example: 'blackbox.yml' },
  ),
  allow: optional(
    targetPatterns,
    "What may be probed in addition to the farms' own hosts: a host (with all its ports), `host:port`, or the beginning of a " +
      'URL; `*` in a host stands for any characters.',
    { default: [], example: ['*.example.org', '10.0.0.5:8080', 'https://intranet.example.org/app/'] },
  ),
  timeout_offset: optional(
    duration({ min: '0s', max: '1m' }),
    "How much earlier than Prometheus's own time-out a probe ends.",
    { as: 'timeoutOffsetMs', default: '500ms' },
  ),
  max_in_flight: optional(
    integer({ min: 1, max: 1000 }),
    'The most probes on demand at once; further requests are answered 503.',
    { as: 'maxInFlight', default: 200 },
  ),
})

export const configKeys = looseMapping({
  version: optional(
    formatVersion,
    'The version of this format. It changes only when an old file would mean something else; a file of a newer version ' +
      'than this farmprobe knows is refused.',
    { default: newestVersion },
  ),
  web: optional(webKeys, "farmprobe's own pages.", { default: {} }),
  journal: optional(journalKeys, 'The record of what happened, a SQLite database.', { default: {} }),
  incidents: optional(
    incidentsKeys,
    'Incidents: one trouble of a farm each, from its first to its last sign.',
    {
      default: {},
    },
  ),
  alertmanagers: optional(
    unsettled(list(alertmanagerKeys)),
    'Alertmanagers that get each incident as an alert `FarmprobeIncident` at once. See [alerting.md](alerting.md).',
    { default: [] },
  ),
  webhooks: optional(
    unsettled(list(webhookKeys)),
    'Where to post a message about each incident. See [alerting.md](alerting.md).',
    { default: [] },
  ),
  was: optional(
    wasKeys,
    'Events of WAS, the Windows service that starts and ends worker processes: when and why each ended, for farms with a ' +
      '`crosscheck`. See [crosscheck.md](crosscheck.md).',
    { default: {} },
  ),
  blackbox: optional(
    blackboxKeys,
    '`/probe` as in blackbox_exporter: probes on demand. See [blackbox.md](blackbox.md).',
    { default: {} },
  ),
  defaults: optional(
    unsettled(defaultsKeys),
    'Any key of a check but its name, for all checks that do not set it. Mappings are merged key by key; everything ' +
      'else is replaced.',
  ),
  include: optional(
    texts,
    'Files with more farms: names or glob patterns. Each file has a list of farms, or `farms:` with such a list. Relative names, in ' +
      'them too, start at this file. `defaults` hold for all farms, and farms may come from files alone.',
    { example: ['farms/*.yaml'] },
  ),
  farms: required(
    unsettled(
      list(farmKeys, { nameOf: ({ name }) => name, empty: ': there is nothing to probe; add a farm' }),
    ),
    'The farms to probe.',
    { example: [{ name: 'intranet', url: 'https://intranet.example.org' }] },
  ),
})

/** What holds where a file says nothing. */
export const builtIn = settle(configKeys, {})

/** The description as a JSON schema: completion and hints in editors. */
export function jsonSchema(): JsonSchema {
  const { required: farms, ...json } = configKeys.json
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...json,
    anyOf: [{ required: farms }, { required: ['include'] }],
    title: 'farmprobe configuration',
  }
}
