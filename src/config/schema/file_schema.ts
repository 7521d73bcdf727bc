/** The keys of a configuration file. */
import type * as z from 'zod'
import { formatDuration } from '../../runtime/duration.ts'
import { formatVersion, newestVersion } from '../yaml/format_version.ts'
import { formatAddress, listenAddress, targetPatterns } from './addresses_and_urls.ts'
import { builtIn } from './built_in_defaults.ts'
import { defaultsSchema, fileName } from './check_schema.ts'
import { farmSchema } from './farm_schema.ts'
import { duration, integer, oneLine } from './scalars.ts'
import { list, mapping, optional, required } from './schema_parts.ts'

export const fileSchema = mapping({
  version: optional(
    formatVersion,
    'The version of this format. It changes only when a file of the old form would mean something else; a file that ' +
      'says a newer one than this farmprobe knows is refused.',
    { standard: newestVersion },
  ),
  web: optional(
    mapping({
      listen: optional(
        listenAddress,
        'Where the page and `/metrics` are served; port 0 takes any free one.',
        {
          standard: formatAddress(builtIn.host, builtIn.port),
          example: '127.0.0.1:9502',
        },
      ),
      config_file: optional(
        fileName,
        "A file in the format of Prometheus's exporter toolkit that protects them with TLS and passwords.",
        { example: 'web.yml' },
      ),
      metrics_listen: optional(
        listenAddress,
        'Serves `/metrics`, `/sd` and `/probe` here, protected in the same way, and no longer under `listen`.',
        { example: '10.0.0.5:9503' },
      ),
      health_listen: optional(
        listenAddress,
        'Serves `/-/healthy` and `/-/ready` here as well, over plain HTTP and without passwords, for orchestrators.',
        { example: '127.0.0.1:9504' },
      ),
    }),
    'Our own pages.',
  ),
  journal: optional(
    mapping({
      path: optional(
        oneLine('write a file name'),
        'The file that remembers what happened; relative to the working directory.',
        {
          standard: builtIn.journalPath,
        },
      ),
      keep: optional(duration({ min: '1h' }), 'How long it remembers.', {
        standard: formatDuration(builtIn.journalKeepMs),
      }),
    }),
    'The memory of what happened.',
  ),
  blackbox: optional(
    mapping({
      modules: optional(
        fileName,
        "A module file of blackbox_exporter's, which is watched; left out, there is the one module `http_2xx`.",
        { example: 'blackbox.yml' },
      ),
      allow: optional(
        targetPatterns,
        "What may be probed besides the farms' own hosts: a host (with all its ports), `host:port`, or the beginning of a " +
          'URL; `*` in a host stands for any characters.',
        { example: ['*.example.org', '10.0.0.5:8080', 'https://intranet.example.org/app/'] },
      ),
      timeout_offset: optional(
        duration({ min: '0s', max: '1m' }),
        "How much sooner than Prometheus's own time-out a probe ends.",
        { standard: formatDuration(builtIn.timeoutOffsetMs) },
      ),
      max_in_flight: optional(
        integer({ min: 1, max: 1000 }),
        'Probes on demand at once; a request beyond them is answered 503.',
        { standard: builtIn.maxInFlight },
      ),
    }),
    '`/probe`, as blackbox_exporter has it: probes on demand. See [blackbox.md](blackbox.md).',
  ),
  defaults: optional(
    defaultsSchema,
    'Any key of a check but its name, for all checks that do not say otherwise. Mappings are merged key by key; ' +
      'all else is replaced.',
  ),
  farms: required(list(farmSchema), 'The farms to probe.', undefined),
})

export type WrittenFile = NonNullable<z.output<typeof fileSchema>>
