/** The keys of a configuration file: how each is read, what holds when it is left out, and what it means. */
import { listenAddress, targetPatterns } from './addresses_and_urls.ts'
import { defaultsKeys } from './check_keys.ts'
import { list } from './collections.ts'
import { fileName } from './credential_keys.ts'
import { farmKeys } from './farm_keys.ts'
import { looseMapping, mapping } from './mapping.ts'
import { type JsonSchema, optional, type Part, required, settle, unsettled, value } from './part.ts'
import { duration, integer, oneLine } from './scalars.ts'

/** The only version there is so far. The next one comes with a step that turns a file of this one into one of its own. */
export const newestVersion = 1

const formatVersion: Part<number> = value({
  json: { const: newestVersion },
  kind: 'number',
  right: `write version: ${newestVersion}, or leave it out`,
  read: (raw, wrong) => (raw === newestVersion ? raw : wrong('no version of this format')),
})

const webKeys = mapping({
  listen: optional(listenAddress, 'Where the page and `/metrics` are served; port 0 takes any free one.', {
    standard: '0.0.0.0:9502',
    example: '127.0.0.1:9502',
  }),
  config_file: optional(
    fileName,
    "A file in the format of Prometheus's exporter toolkit that protects them with TLS and passwords.",
    { as: 'configFile', example: 'web.yml' },
  ),
  metrics_listen: optional(
    listenAddress,
    'Serves `/metrics`, `/sd` and `/probe` here, protected in the same way, and no longer under `listen`.',
    { as: 'metrics', example: '10.0.0.5:9503' },
  ),
  health_listen: optional(
    listenAddress,
    'Serves `/-/healthy` and `/-/ready` here as well, over plain HTTP and without passwords, for orchestrators.',
    { as: 'health', example: '127.0.0.1:9504' },
  ),
})

const journalKeys = mapping({
  path: optional(
    oneLine('write a file name'),
    'The file that remembers what happened; relative to the working directory.',
    { standard: 'data/farmprobe.db' },
  ),
  keep: optional(duration({ min: '1h' }), 'How long it remembers.', { as: 'keepMs', standard: '90d' }),
})

const blackboxKeys = mapping({
  modules: optional(
    fileName,
    "A module file of blackbox_exporter's, which is watched; left out, there is the one module `http_2xx`.",
    { as: 'modulesFile', example: 'blackbox.yml' },
  ),
  allow: optional(
    targetPatterns,
    "What may be probed besides the farms' own hosts: a host (with all its ports), `host:port`, or the beginning of a " +
      'URL; `*` in a host stands for any characters.',
    { standard: [], example: ['*.example.org', '10.0.0.5:8080', 'https://intranet.example.org/app/'] },
  ),
  timeout_offset: optional(
    duration({ min: '0s', max: '1m' }),
    "How much sooner than Prometheus's own time-out a probe ends.",
    { as: 'timeoutOffsetMs', standard: '500ms' },
  ),
  max_in_flight: optional(
    integer({ min: 1, max: 1000 }),
    'Probes on demand at once; a request beyond them is answered 503.',
    { as: 'maxInFlight', standard: 200 },
  ),
})

export const configKeys = looseMapping({
  version: optional(
    formatVersion,
    'The version of this format. It changes only when a file of the old form would mean something else; a file that ' +
      'says a newer one than this farmprobe knows is refused.',
    { standard: newestVersion },
  ),
  web: optional(webKeys, 'Our own pages.', { standard: {} }),
  journal: optional(journalKeys, 'The memory of what happened.', { standard: {} }),
  blackbox: optional(
    blackboxKeys,
    '`/probe`, as blackbox_exporter has it: probes on demand. See [blackbox.md](blackbox.md).',
    { standard: {} },
  ),
  defaults: optional(
    unsettled(defaultsKeys),
    'Any key of a check but its name, for all checks that do not say otherwise. Mappings are merged key by key; ' +
      'all else is replaced.',
  ),
  farms: required(
    unsettled(
      list(farmKeys, { nameOf: ({ name }) => name, empty: ': there is nothing to probe; write a farm' }),
    ),
    'The farms to probe.',
  ),
})

/** What holds where a file says nothing. */
export const builtIn = settle(configKeys, {})

/** The description as a JSON schema: completion and hints in editors. */
export const jsonSchema = (): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...configKeys.json,
  title: 'farmprobe configuration',
})
