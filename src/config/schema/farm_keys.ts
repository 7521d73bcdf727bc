/** The keys of a farm: how each is read, what holds when it is left out, and what it means. */
import { hostPort } from '../../addresses/host_port.ts'
import { address, addressFamily, hostName, siteUrl } from './addresses_and_urls.ts'
import { checkKeys } from './check_keys.ts'
import { list } from './collections.ts'
import { fileName } from './credential_keys.ts'
import { cron, timezone } from './cron_and_timezone.ts'
import { crosscheckKeys, nodeCrosscheckKeys } from './crosscheck_keys.ts'
import { tokenName } from './http_values.ts'
import { identitySource } from './identity_keys.ts'
import { looseMapping, mapping, oneKeyOf } from './mapping.ts'
import { optional, required, type Settled, unsettled, type Written } from './part.ts'
import { duration, integer, name, oneLine, portNumber, scheme } from './scalars.ts'

const nodeKeys = looseMapping({
  name: optional(name, 'The name of the node, unique in its farm; by default, its address.', {
    example: 'web01',
  }),
  address: required(
    address,
    "Where the node listens. Without a port: the URL's port if the node has the URL's scheme, otherwise the scheme's own.",
    { example: '10.0.0.11:8080' },
  ),
  scheme: optional(scheme, "The node's scheme; by default, the URL's.", { example: 'http' }),
  crosscheck: optional(
    nodeCrosscheckKeys,
    "What differs from the farm's `crosscheck` on this node; `off` to skip it.",
  ),
})

export type WrittenNode = Written<typeof nodeKeys>

/** What a node is called; undefined where nothing right was written that it could be called by. */
export function nodeName({ name, address }: WrittenNode): string | undefined {
  if (name !== undefined || address === undefined) return name
  return address.port === undefined ? address.host : hostPort({ host: address.host, port: address.port })
}

const dnsKeys = mapping({
  name: required(hostName, 'The name to resolve.', { example: 'nodes.intranet.example.org' }),
  refresh: optional(duration({ min: '1s', max: '1d' }), 'How often to resolve it again.', {
    as: 'refreshMs',
    default: '30s',
  }),
  family: optional(
    addressFamily,
    'Which addresses are nodes: `4` for the A records, `6` for the AAAA records, or `both`. A server with both is two ' +
      'nodes unless one family is chosen.',
    { default: 'both', example: 4 },
  ),
  port: optional(portNumber, "The port of every node; by default, as for a node's `address`.", {
    example: 8080,
  }),
  scheme: optional(scheme, "The scheme of every node; by default, the URL's.", { example: 'http' }),
})

const targetFileKeys = mapping({
  path: required(
    oneLine('write a file name or a glob pattern, such as nodes/*.yaml'),
    'Files in the file_sd format of Prometheus, JSON or YAML; `*` matches within a folder, `**` across folders. A ' +
      'relative path starts at the configuration file. The files are watched.',
    { as: 'pattern', example: 'nodes/*.yaml' },
  ),
})

const iisKeys = mapping({
  path: required(
    fileName,
    'The `applicationHost.config` of the balancer; a relative path starts at the configuration file. The file is watched.',
    { as: 'file', example: 'applicationHost.config' },
  ),
  farm: required(oneLine('write the name of a web farm'), 'The name of the web farm; case does not matter.', {
    as: 'webFarm',
    example: 'intranet',
  }),
  scheme: optional(
    scheme,
    'The scheme of every node; by default, that of the rewrite rule that routes to the farm.',
    { example: 'https' },
  ),
})

const discoverKeys = mapping(
  {
    dns: optional(
      dnsKeys,
      'Every A and AAAA record of a name is a node. When a refresh fails, the nodes stay and the failure is counted.',
    ),
    file: optional(
      targetFileKeys,
      'Every target in the files is a node. When a file cannot be read, its nodes stay and the failure is counted.',
    ),
    iis: optional(
      iisKeys,
      "Every enabled server of an IIS web farm (Application Request Routing) is a node, on the farm's ports. When " +
        'the file cannot be read, its nodes stay and the failure is counted.',
    ),
    max_nodes: optional(
      integer({ min: 1, max: 10_000 }),
      'The most nodes that may be found. When there are more, none of them is taken, the last nodes stay, and the log says ' +
        'so: each node costs some 75 series a check. Ten times as many new nodes are taken in an hour; a target file may have 50 ' +
        'values (names, labels, addresses) for each.',
      { as: 'maxNodes', default: 1000 },
    ),
  },
  { some: true },
)

const servedByKeys = oneKeyOf({
  header: optional(tokenName('header', 'X-Node'), 'A response header of the balancer.', {
    example: 'X-Node',
  }),
  cookie: optional(tokenName('cookie', 'ARRAffinity'), 'A cookie set by the balancer.', {
    example: 'ARRAffinity',
  }),
})

const affinityKeys = mapping({
  cookie: required(
    tokenName('cookie', 'ARRAffinity'),
    'The cookie by which the balancer sends a client to the same node again.',
    { example: 'ARRAffinity' },
  ),
})

const windowKeys = mapping({
  cron: required(cron({ seconds: false }), 'When the window opens.', { example: '0 3 * * 0' }),
  timezone: optional(timezone, 'The time zone of `cron`.', { default: 'UTC', example: 'Europe/London' }),
  for: required(
    duration({ min: '1m', max: '31d' }),
    'How long it stays open, also when clocks change meanwhile.',
    { as: 'durationMs', example: '1h' },
  ),
})

export const farmKeys = looseMapping({
  name: required(name, 'The name of the farm.', { example: 'intranet' }),
  url: required(
    siteUrl,
    'The address that users open. It gives scheme, Host, TLS server name and port of every request.',
    { as: 'site', example: 'https://intranet.example.org' },
  ),
  address: optional(address, 'Pins the balancer to an address instead of resolving the name in `url`.', {
    example: '10.0.0.5:443',
  }),
  nodes: optional(
    unsettled(list(nodeKeys, { nameOf: nodeName })),
    'The servers behind the balancer; the same request goes to each of them.',
  ),
  discover: optional(discoverKeys, 'Where to find nodes, instead of or in addition to `nodes`.'),
  identity: optional(
    identitySource,
    'Where an answer shows which worker process gave it: exactly one of the keys below, or `auto` to find what changes ' +
      'whenever a worker does. A new value is a recycle.',
  ),
  served_by: optional(
    servedByKeys,
    "Where the balancer's answer shows which node it came from: exactly one of the keys below.",
    { as: 'servedBy' },
  ),
  affinity: optional(
    affinityKeys,
    'Probes each node through the balancer as well, by its cookie, which is learned from answers: role `through`. That takes ' +
      '`served_by`, or an `identity` that nodes and balancer both show; without them the nodes behind the cookies have numbers.',
  ),
  maintenance: optional(
    list(windowKeys),
    'Windows of planned work: probes go on, and their results are tagged.',
    { default: [] },
  ),
  crosscheck: optional(
    crosscheckKeys,
    'Reads windows_exporter on every node and reports where its recycles differ from those seen from outside.',
  ),
  checks: optional(
    unsettled(
      list(checkKeys, {
        nameOf: ({ name }) => name,
        empty: '; write a check, or leave the key out to probe /',
      }),
    ),
    'The requests to make; by default, one named `home` for `/`.',
  ),
})

export type SettledFarm = Settled<typeof farmKeys>
