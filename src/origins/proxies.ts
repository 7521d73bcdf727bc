import { type ErrorPage, forEach, has, is, present, starts } from './fingerprint.ts'

const noServer = { server: 'absent' } as const

/** Lines of a page with any of the line breaks between them. */
const wrapped = (...lines: string[]): string[] => ['\n', '\r\n', ' '].map((between) => lines.join(between))

/** What reverse proxies and balancers that people run themselves answer. */
export const proxyOrigins: Readonly<Record<string, ErrorPage>> = {
  nginx: {
    who: 'nginx',
    product: 'nginx',
    tells: {
      500: 'it failed itself',
      502: 'its upstreams refused the connection, broke it off, answered what is not valid, or none is left',
      503: 'it limits requests or connections, or is set to refuse them',
      504: 'its upstream did not answer in time',
    },
    evidence: 'source',
    headers: { server: starts('nginx') },
    body: has('<hr><center>nginx'),
  },
  openresty: {
    who: 'openresty',
    product: 'OpenResty',
    tells: {
      502: 'its upstreams refused the connection, broke it off, answered what is not valid, or none is left',
      503: 'it limits requests or connections, or is set to refuse them',
      504: 'its upstream did not answer in time',
    },
    evidence: 'capture',
    headers: { server: starts('openresty') },
    body: has('<hr><center>openresty'),
  },
  'haproxy-502': {
    who: 'haproxy',
    product: 'HAProxy',
    tells: { 502: 'a server broke off the connection, or answered what is not valid' },
    evidence: 'source',
    headers: noServer,
    body: has('The server returned an invalid or incomplete response.'),
  },
  'haproxy-503': {
    who: 'haproxy',
    product: 'HAProxy',
    tells: { 503: 'no server is up, or none took the connection' },
    evidence: 'source',
    headers: noServer,
    body: has('No server is available to handle this request.'),
  },
  'haproxy-504': {
    who: 'haproxy',
    product: 'HAProxy',
    tells: { 504: 'a server did not answer in time' },
    evidence: 'source',
    headers: noServer,
    body: has("The server didn't respond in time."),
  },
  'envoy-reset': {
    who: 'envoy',
    product: 'Envoy',
    tells: { 503: 'the connection to the server failed; the page ends with how' },
    evidence: 'source',
    headers: { server: is('envoy', 'istio-envoy'), 'content-type': starts('text/plain') },
    body: starts('upstream connect error or disconnect/reset before headers.'),
  },
  'envoy-none': {
    who: 'envoy',
    product: 'Envoy',
    tells: { 503: 'no healthy server is left' },
    evidence: 'capture',
    body: is('no healthy upstream'),
  },
  'envoy-timeout': {
    who: 'envoy',
    product: 'Envoy',
    tells: { 504: 'the server did not answer within the time-out of the route' },
    evidence: 'recall',
    body: is('upstream request timeout'),
  },
  'traefik-502': {
    who: 'traefik',
    product: 'Traefik',
    tells: { 502: 'the server broke off the connection, or cannot be reached' },
    evidence: 'source',
    headers: noServer,
    body: is('Bad Gateway'),
  },
  'traefik-504': {
    who: 'traefik',
    product: 'Traefik',
    tells: { 504: 'the server did not answer in time' },
    evidence: 'source',
    headers: noServer,
    body: is('Gateway Timeout'),
  },
  caddy: {
    who: 'caddy',
    product: 'Caddy',
    tells: {
      502: 'a server cannot be reached, broke off, or answered what is not valid',
      503: 'no server is available',
      504: 'a server did not answer in time',
    },
    evidence: 'source',
    headers: { server: is('Caddy') },
    body: is(''),
  },
  'apache-502': {
    who: 'apache-httpd',
    product: 'Apache httpd',
    tells: {
      502: 'the server broke off the connection, answered what is not valid, or did not answer in time',
    },
    evidence: 'capture',
    body: has(...wrapped('The proxy server received an invalid', 'response from an upstream server.')),
  },
  'apache-503': {
    who: 'apache-httpd',
    product: 'Apache httpd',
    tells: { 503: 'no server took the connection, none is in rotation, or Apache itself is overloaded' },
    evidence: 'capture',
    body: has(
      ...wrapped(
        'The server is temporarily unable to service your',
        'request due to maintenance downtime or capacity',
        'problems. Please try again later.',
      ),
    ),
  },
  'apache-504': {
    who: 'apache-httpd',
    product: 'Apache httpd',
    tells: { 504: 'the server did not answer in time' },
    evidence: 'capture',
    body: has(
      ...wrapped('The gateway did not receive a timely response', 'from the upstream server or application.'),
    ),
  },
  varnish: {
    who: 'varnish',
    product: 'Varnish',
    tells: { 503: 'the server behind the cache could not be fetched from' },
    evidence: 'capture',
    headers: { server: is('Varnish'), 'x-varnish': present },
    body: has('Guru Meditation'),
  },
  netscaler: {
    who: 'citrix-netscaler',
    product: 'Citrix NetScaler',
    tells: { 503: 'the virtual server has no service that is up' },
    evidence: 'recall',
    body: starts('<html><body><b>Http/1.1 Service Unavailable</b></body>'),
  },
  'f5-bigip': {
    who: 'f5-bigip',
    product: 'F5 BIG-IP',
    tells: forEach(
      [301, 302, 503],
      'the device answered by itself; with its pool down it resets connections by default instead',
    ),
    evidence: 'recall',
    headers: { server: is('BigIP') },
  },
}
