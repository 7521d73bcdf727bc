/** The keys of a module file. */

import { list, record } from '../../config/schema/collections.ts'
import { mapping } from '../../config/schema/mapping.ts'
import { optional, type Part, unsettled, value, type Written } from '../../config/schema/part.ts'
import { isMapping } from '../../config/yaml/tree.ts'
import { prometheusTlsVersions } from '../../model/tls_version.ts'
import {
  anyText,
  flag,
  goDuration,
  goSize,
  headers,
  httpVersions,
  isNothing,
  jsonRule,
  method,
  oneOf,
  regexp,
  regexps,
  secretText,
  secretTexts,
  statusCodes,
  texts,
} from './module_values.ts'

/** A mapping that may be left empty. */
const block = <W>(part: Part<W, unknown>): Part<W> => ({
  ...unsettled(part),
  read: (raw, path, reading) => (isNothing(raw) ? undefined : part.read(raw, path, reading)),
})

/** A key that is known, and for which a module is not served; what it says is looked at by nobody. */
const unread: Part<unknown> = value({ json: {}, kind: 'anything', right: '', read: (raw) => raw })

/** By the path of a key within `http`: why a module that has it is not served. */
export const notServed = {
  enable_http3: 'farmprobe does not speak HTTP/3',
  oauth2: 'farmprobe fetches no tokens',
  proxy_url: 'farmprobe probes directly: what a proxy connects to could not be checked',
  proxy_from_environment: 'farmprobe probes directly: what a proxy connects to could not be checked',
} as const

const refs = 'farmprobe has no secret manager; name the secret in a file'

export const notServedInside: Readonly<Record<string, string>> = {
  'basic_auth.username_ref': refs,
  'basic_auth.password_ref': refs,
  'authorization.credentials_ref': refs,
  'tls_config.ca_ref': refs,
  'tls_config.cert_ref': refs,
  'tls_config.key_ref': refs,
}

const tlsVersion = oneOf(Object.keys(prometheusTlsVersions) as (keyof typeof prometheusTlsVersions)[])

const headerRules = block(
  list(
    mapping({
      header: optional(anyText, 'The name of the header; needed.'),
      regexp: optional(regexp, 'What one of its values must match; needed.'),
      allow_missing: optional(flag, 'A missing header is no failure.', { standard: false }),
    }),
  ),
)

const ref = optional(unread, 'Not served.')

const basicAuth = mapping({
  username: optional(anyText, 'The user name.'),
  username_file: optional(anyText, 'A file that holds the user name.'),
  username_ref: ref,
  password: optional(secretText, 'The password.'),
  password_file: optional(anyText, 'A file that holds the password.'),
  password_ref: ref,
})

const authorization = mapping({
  type: optional(anyText, 'The word before the credentials.', { standard: 'Bearer' }),
  credentials: optional(secretText, 'The credentials.'),
  credentials_file: optional(anyText, 'A file that holds the credentials.'),
  credentials_ref: ref,
})

const tlsConfig = mapping({
  ca: optional(anyText, 'Certificates to trust instead of the public ones, as PEM.'),
  ca_file: optional(anyText, 'A file with the certificates to trust.'),
  ca_ref: ref,
  cert: optional(anyText, 'The client certificate, as PEM.'),
  cert_file: optional(anyText, 'A file with the client certificate.'),
  cert_ref: ref,
  key: optional(secretText, "The client certificate's private key, as PEM."),
  key_file: optional(anyText, 'A file with the private key.'),
  key_ref: ref,
  server_name: optional(
    anyText,
    "The server name sent, which the certificate must prove; left out, the Host's or the target's.",
  ),
  insecure_skip_verify: optional(flag, 'Accept any certificate.', { standard: false }),
  min_version: optional(tlsVersion, 'The oldest version of TLS to accept.', { standard: 'TLS12' }),
  max_version: optional(tlsVersion, 'The newest version of TLS to offer.', { standard: 'TLS13' }),
})

const extraHeader = mapping({
  values: optional(texts, 'Values.'),
  secrets: optional(secretTexts, 'Values that are never shown.'),
  files: optional(texts, 'Files that hold values, read for every probe.'),
})

const extraHeaders = record(extraHeader)

const answer = {
  valid_status_codes: optional(statusCodes, 'Accepted codes; left out, 200 to 299.'),
  valid_http_versions: optional(httpVersions, 'Accepted versions, such as `HTTP/1.1`; left out, any.'),
  fail_if_ssl: optional(flag, 'Fail if the last answer came over TLS.', { standard: false }),
  fail_if_not_ssl: optional(flag, 'Fail if the last answer did not come over TLS.', { standard: false }),
  fail_if_body_matches_regexp: optional(regexps, 'Fail if any of them matches the body.'),
  fail_if_body_not_matches_regexp: optional(regexps, 'Fail if any of them does not match the body.'),
  fail_if_body_json_matches_cel: optional(
    jsonRule,
    'Fail if it is true of the body as JSON, or cannot be told.',
  ),
  fail_if_body_json_not_matches_cel: optional(
    jsonRule,
    'Fail if it is false of the body as JSON, or cannot be told.',
  ),
  fail_if_header_matches: optional(headerRules, 'Fail if any value of a header matches.'),
  fail_if_header_not_matches: optional(headerRules, 'Fail if no value of a header matches.'),
  compression: optional(
    oneOf(['gzip', 'br', 'deflate', 'identity']),
    'Decode the body so, whatever its Content-Encoding says.',
  ),
  body_size_limit: optional(goSize, 'Fail a longer body, counted after decoding; 0: no limit.', {
    standard: 0,
  }),
}

const request = {
  method: optional(method, 'The method of the request.', { standard: 'GET' }),
  headers: optional(
    headers,
    'Headers to send. `Host` also gives the TLS server name; what frames the message is not sent.',
  ),
  http_headers: optional(block(extraHeaders), 'More headers, by name: `values`, `secrets` and `files`.'),
  body: optional(anyText, 'The body to send.'),
  body_file: optional(anyText, 'A file that holds the body to send, read for every probe.'),
  follow_redirects: optional(flag, 'Follow redirects, at most 10, to targets that are allowed.', {
    standard: true,
  }),
  no_follow_redirects: optional(flag, 'The opposite, of old; it wins over `follow_redirects`.'),
  basic_auth: optional(block(basicAuth), 'A user name and a password.'),
  authorization: optional(block(authorization), 'The Authorization header.'),
  bearer_token: optional(secretText, 'A bearer token.'),
  bearer_token_file: optional(anyText, 'A file that holds the bearer token.'),
  oauth2: optional(unread, `**Not served**: ${notServed.oauth2}.`),
}

const connection = {
  preferred_ip_protocol: optional(anyText, 'The family of addresses preferred, `ip4` or `ip6`.', {
    standard: 'ip6',
  }),
  ip_protocol_fallback: optional(
    flag,
    'Take the other family where the name has no address of the preferred.',
    {
      standard: true,
    },
  ),
  skip_resolve_phase_with_proxy: optional(flag, 'Of no effect: a module with a proxy is not served.', {
    standard: false,
  }),
  tls_config: optional(block(tlsConfig), 'How to speak TLS.'),
  enable_http2: optional(flag, 'Offer HTTP/2 over TLS.', { standard: true }),
  enable_http3: optional(unread, `\`true\` is **not served**: ${notServed.enable_http3}.`, {
    standard: false,
  }),
  proxy_url: optional(unread, `**Not served**: ${notServed.proxy_url}.`),
  no_proxy: optional(unread, 'Of no effect without a proxy.'),
  proxy_from_environment: optional(unread, '`true` is **not served**, as `proxy_url`.', { standard: false }),
  proxy_connect_header: optional(unread, 'Of no effect without a proxy.'),
}

const httpSchema = mapping({ ...request, ...connection, ...answer })

export type WrittenHttp = Written<typeof httpSchema>

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
    .map((prober) => [prober, optional(otherBlock, 'Settings of another prober, which are not looked at.')]),
)

export const moduleSchema = mapping({
  prober: optional(oneOf(probers), 'What probes; modules of others than `http` are accepted and not served.'),
  timeout: optional(goDuration, 'The longest a probe may take; left out, as long as Prometheus waits.'),
  http: optional(block(httpSchema), 'How `http` probes.'),
  ...others,
})

export type WrittenModule = Written<typeof moduleSchema>

export const moduleFileSchema = mapping({
  modules: optional(block(record(moduleSchema)), 'The modules, by name.'),
})
