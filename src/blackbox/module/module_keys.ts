/** The keys of a module file: how each is read, what holds when it is left out, what it means, and the property it becomes. */
import { list, record } from '../../config/schema/collections.ts'
import { mapping } from '../../config/schema/mapping.ts'
import { optional, type Part, required, type Settled, value, type Written } from '../../config/schema/part.ts'
import { isMapping, isNothing } from '../../config/yaml/tree.ts'
import { prometheusTlsVersions } from '../../model/tls_version.ts'
import {
  addressFamily,
  anyText,
  block,
  flag,
  goDuration,
  goSize,
  headers,
  httpVersions,
  jsonRule,
  method,
  nameOf,
  oneOf,
  regexp,
  regexps,
  secretText,
  secretTexts,
  statusCodes,
  texts,
  unread,
} from './module_values.ts'

/** A key that must be right and has no effect. */
const ignored = ({ kind, json, right, read }: Part<unknown>): Part<undefined> => ({
  kind,
  json,
  right,
  read: (raw, path, reading) => void read(raw, path, reading),
})

const listKey = <P, const As extends string>(part: P, as: As, doc: string) =>
  optional(part, doc, { as, default: [] })

const flagKey = <const As extends string>(as: As, isOn: boolean, doc: string) =>
  optional(flag, doc, { as, default: isOn })

/** By the path of a key within `http`: why a module that has it is not served. */
export const notServed = {
  enable_http3: 'farmprobe does not speak HTTP/3',
  oauth2: 'farmprobe fetches no tokens',
  proxy_url: 'farmprobe probes directly: what a proxy connects to could not be checked',
  proxy_from_environment: 'farmprobe probes directly: what a proxy connects to could not be checked',
} as const

const tlsVersion = nameOf(prometheusTlsVersions)

const headerRule = mapping({
  header: required(anyText, 'The name of the header.'),
  regexp: required(regexp, 'What one of its values must match.'),
  allow_missing: flagKey('allowMissing', false, 'A missing header is no failure.'),
})

const headerRules = block(
  list({
    ...headerRule,
    read(raw, path, reading) {
      for (const key of ['header', 'regexp'])
        if (isMapping(raw) && isNothing(raw[key] ?? '')) {
          reading.problem(path, `no ${key}; a rule needs header and regexp`)
          return undefined
        }
      return headerRule.read(raw, path, reading)
    },
  }),
)

const ref = optional(unread, 'Not served.')
const file = optional(anyText, 'A file that holds it, read for every probe.')

/** A key whose value may stand in the module file, in a file of its own, or in a secret manager, which we have not. */
const inFile = <const Name extends string>(name: Name, part: Part<string>, doc: string) =>
  ({ [name]: optional(part, doc), [`${name}_file`]: file, [`${name}_ref`]: ref }) as Readonly<
    Record<Name | `${Name}_file`, typeof file> & Record<`${Name}_ref`, typeof ref>
  >

const basicAuth = mapping({
  ...inFile('username', anyText, 'The user name.'),
  ...inFile('password', secretText, 'The password.'),
})

const authorization = mapping({
  type: optional(anyText, 'The word before the credentials.', { default: 'Bearer' }),
  ...inFile('credentials', secretText, 'The credentials.'),
})

const tlsConfig = mapping({
  ...inFile('ca', anyText, 'Certificates to trust instead of the public ones, as PEM.'),
  ...inFile('cert', anyText, 'The client certificate, as PEM.'),
  ...inFile('key', secretText, "The client certificate's private key, as PEM."),
  server_name: optional(
    anyText,
    "The server name sent, which the certificate must prove; left out, the Host's or the target's.",
    { as: 'serverName' },
  ),
  insecure_skip_verify: flagKey('insecure', false, 'Accept any certificate.'),
  min_version: optional(tlsVersion, 'The oldest version of TLS to accept.', {
    as: 'minVersion',
    default: 'TLS12',
  }),
  max_version: optional(tlsVersion, 'The newest version of TLS to offer.', {
    as: 'maxVersion',
    default: 'TLS13',
  }),
})

const extraHeaders = record(
  mapping({
    values: optional(texts, 'Values.'),
    secrets: optional(secretTexts, 'Values that are never shown.'),
    files: optional(texts, 'Files that hold values, read for every probe.'),
  }),
)

const answer = {
  valid_status_codes: listKey(statusCodes, 'statusCodes', 'Accepted codes; left out, 200 to 299.'),
  valid_http_versions: listKey(
    httpVersions,
    'versions',
    'Accepted versions, such as `HTTP/1.1`; left out, any.',
  ),
  fail_if_ssl: flagKey('failIfSsl', false, 'Fail if the last answer came over TLS.'),
  fail_if_not_ssl: flagKey('failIfNotSsl', false, 'Fail if the last answer did not come over TLS.'),
  fail_if_body_matches_regexp: listKey(regexps, 'failIfBody', 'Fail if any of them matches the body.'),
  fail_if_body_not_matches_regexp: listKey(
    regexps,
    'failIfNotBody',
    'Fail if any of them does not match the body.',
  ),
  fail_if_body_json_matches_cel: optional(
    jsonRule,
    'Fail if it is true of the body as JSON, or has no value.',
    { as: 'failIfJson' },
  ),
  fail_if_body_json_not_matches_cel: optional(
    jsonRule,
    'Fail if it is false of the body as JSON, or has no value.',
    { as: 'failIfNotJson' },
  ),
  fail_if_header_matches: listKey(headerRules, 'failIfHeader', 'Fail if any value of a header matches.'),
  fail_if_header_not_matches: listKey(
    headerRules,
    'failIfNotHeader',
    'Fail if no value of a header matches.',
  ),
  compression: optional(
    oneOf(['gzip', 'br', 'deflate', 'identity']),
    'Decode the body so, whatever its Content-Encoding says.',
  ),
  body_size_limit: optional(goSize, 'Fail a longer body, counted after decoding; 0: no limit.', {
    as: 'bodySizeLimit',
    default: 0,
  }),
}

const request = {
  method: optional(method, 'The method of the request.', { default: 'GET' }),
  headers: optional(
    headers,
    'Headers to send. `Host` also gives the TLS server name; what frames the message is not sent.',
    { default: {} },
  ),
  http_headers: optional(block(extraHeaders), 'More headers, by name: `values`, `secrets` and `files`.'),
  body: optional(anyText, 'The body to send.'),
  body_file: file,
  follow_redirects: flagKey(
    'followRedirects',
    true,
    'Follow redirects, at most 10, to targets that are allowed.',
  ),
  no_follow_redirects: optional(flag, 'The opposite, of old; it wins over `follow_redirects`.', {
    as: 'noFollowRedirects',
  }),
  basic_auth: optional(block(basicAuth), 'A user name and a password.'),
  authorization: optional(block(authorization), 'The Authorization header.'),
  bearer_token: optional(secretText, 'A bearer token.'),
  bearer_token_file: file,
  oauth2: optional(unread, `**Not served**: ${notServed.oauth2}.`),
}

const connection = {
  preferred_ip_protocol: optional(addressFamily, 'The family of addresses preferred, `ip4` or `ip6`.', {
    as: 'preferredFamily',
    default: 'ip6',
  }),
  ip_protocol_fallback: flagKey(
    'familyFallback',
    true,
    'Take the other family where the name has no address of the preferred.',
  ),
  skip_resolve_phase_with_proxy: optional(
    ignored(flag),
    'Of no effect: a module with a proxy is not served.',
  ),
  tls_config: optional(block(tlsConfig), 'How to speak TLS.', { as: 'tls', default: {} }),
  enable_http2: flagKey('http2', true, 'Offer HTTP/2 over TLS.'),
  enable_http3: optional(unread, `\`true\` is **not served**: ${notServed.enable_http3}.`),
  proxy_url: optional(unread, `**Not served**: ${notServed.proxy_url}.`),
  no_proxy: optional(unread, 'Of no effect without a proxy.'),
  proxy_from_environment: optional(unread, '`true` is **not served**, as `proxy_url`.'),
  proxy_connect_header: optional(unread, 'Of no effect without a proxy.'),
}

export const httpKeys = mapping({ ...request, ...connection, ...answer })

/** The block `http` of a module, with its defaults. */
export type SettledHttp = Settled<typeof httpKeys>

const probers = ['http', 'tcp', 'icmp', 'dns', 'grpc', 'unix', 'websocket'] as const

/** The block of a prober that we do not have; a module may hold it and not use it. */
const otherBlock: Part<unknown> = value({
  json: {},
  kind: 'mapping',
  right: 'write keys with their values',
  read: (raw, wrong) => (isMapping(raw) || isNothing(raw) ? raw : wrong('not a mapping')),
})

const others = Object.fromEntries(
  probers
    .slice(1)
    .map((prober) => [prober, optional(otherBlock, 'Settings of another prober, which are not read.')]),
)

export const moduleKeys = mapping({
  prober: optional(oneOf(probers), 'What probes; modules of others than `http` are accepted and not served.'),
  timeout: optional(goDuration, 'The longest a probe may take; left out, as long as Prometheus waits.', {
    as: 'timeoutMs',
  }),
  http: optional(block(httpKeys), 'How `http` probes.'),
  ...others,
})

export type WrittenModule = Written<typeof moduleKeys>

export const moduleFileKeys = mapping({
  modules: optional(block(record(moduleKeys)), 'The modules, by name.'),
})
