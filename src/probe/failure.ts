import type { Expression } from '../model/farm.ts'
import type { Phase, Reason } from '../model/outcome.ts'
import { formatDuration } from '../runtime/duration.ts'

/** Why a probe failed, and the sentence that explains it to a person. */
export interface Failure {
  readonly reason: Exclude<Reason, 'ok'>
  readonly detail: string
  /** The limit that was exceeded, in milliseconds; of failures that are nothing else. */
  readonly limitMs?: number
  /** The peer broke off the TLS handshake. */
  readonly brokenOff?: true
}

export const isFailure = (value: object): value is Failure => 'reason' in value

const longestQuote = 80

/** Text from the peer as it may stand in a sentence: one line, printable, not long. */
export function quoted(text: string): string {
  const short = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
  return JSON.stringify(short.toWellFormed())
}

const shown = (pattern: Expression) => `/${pattern}/`

const fail = (reason: Failure['reason'], detail: string): Failure => ({ reason, detail })

/**
 * Every sentence a probe can end with. No sentence takes anything that we sent, so none can hold a secret; what the
 * peer sent is quoted and capped.
 */
export const failures = {
  notResolved: (host: string, code: string) => fail('dns', `The name ${host} was not resolved: ${code}.`),
  noAddress: (host: string) => fail('dns', `The name ${host} has no address.`),
  noAddressOfFamily: (host: string, family: 4 | 6) =>
    fail('dns', `${host} has no IPv${family} address, and ip_protocol_fallback is off.`),
  offLimits: (host: string, ip: string, what: string) =>
    fail(
      'dns',
      `The name ${host} leads to ${ip}, ${what}; it is probed only where the configuration gives this very address.`,
    ),
  refused: (address: string) => fail('refused', `${address} refused the connection.`),
  gaveUp: (address: string) =>
    fail('connect_timeout', `${address} did not accept the connection until the system gave up.`),
  unreachable: (address: string, code: string) =>
    fail('unreachable', `${address} cannot be reached: ${code}.`),
  noSocket: (code: string) => fail('internal', `No socket could be opened on our own side: ${code}.`),
  certificate: (address: string, problem: string) =>
    fail('tls', `The certificate of ${address} is not accepted: ${problem}.`),
  handshake: (address: string, problem: string) =>
    fail('tls', `The TLS handshake with ${address} failed: ${problem}.`),
  reset: (address: string, phase: Phase) =>
    fail('reset', `${address} reset the connection ${moments[phase]}.`),
  closed: (address: string) => fail('closed', `${address} closed the connection without an answer.`),
  closedInHead: (address: string) =>
    fail('closed', `${address} closed the connection before the headers of its answer were complete.`),
  protocol: (problem: string) => fail('protocol', `The answer is not valid HTTP/1.1: ${problem}.`),
  headTooLong: (maxBytes: number) =>
    fail('protocol', `The answer is not valid HTTP/1.1: its headers are longer than ${maxBytes} bytes.`),
  undecodable: (encoding: string) =>
    fail('protocol', `The body is not what its Content-Encoding says: no valid ${encoding}.`),
  undecodedInTime: (encoding: string) =>
    fail(
      'body_timeout',
      `The body could not be decompressed (${encoding}) within the time limit of the probe.`,
    ),
  truncated: (received: number, expected: number | undefined) =>
    fail('truncated', `The connection was closed after ${received} bytes of the body${missing(expected)}.`),
  tooLarge: (maxBytes: number, how: 'as sent' | 'decompressed') =>
    fail('too_large', `The body is larger than the ${maxBytes} bytes allowed, ${how}.`),
  status: (status: number, statusText: string, accepted: string) =>
    fail('status', `The status is ${status}${statusText && ` ${quoted(statusText)}`}, not ${accepted}.`),
  askedForWindows: (schemes: string) =>
    fail(
      'auth',
      `The site asks for Windows authentication (${schemes}), and the check has no credentials. Write auth: { ntlm: { user: ` +
        `'DOMAIN\\name', password_file: … } }, or auth: { negotiate: { principal: …, keytab_file: … } } for Kerberos.`,
    ),
  credentialsRefused: (key: string, schemes: string) =>
    fail(
      'auth',
      `The answer is 401: the credentials in auth.${key} are not accepted (asked for: ${schemes}).`,
    ),
  noNtlmChallenge: (offered: boolean, schemes: string) =>
    fail(
      'auth',
      offered
        ? 'The first message of NTLM was answered without a challenge: something on the way does not pass it on, or keeps no connection.'
        : `The site does not offer NTLM, which auth.ntlm is for (asked for: ${schemes}).`,
    ),
  ntlmRefused: (computer: string, behindBalancer: boolean) =>
    fail(
      'auth',
      `${computer === '' ? 'The server' : quoted(computer)} does not accept the user or the password of auth.ntlm.` +
        (behindBalancer
          ? ' Where the nodes accept them, the balancer does not keep both messages of a handshake on one connection to one node.'
          : ''),
    ),
  handshakeSpread: (computers: readonly string[]) =>
    fail(
      'auth',
      `The messages of one NTLM handshake reached several servers (${computers.map(quoted).join(', ')}): the balancer must ` +
        'keep the connection of a client on one connection to one node, or hand out whole connections.',
    ),
  handshakeCut: (address: string) =>
    fail(
      'auth',
      `${address} closed the connection in the middle of the handshake of Windows authentication, all of whose messages ` +
        'must go over one connection.',
    ),
  noTicket: (principal: string, service: string, why: string) =>
    fail('auth', `There is no Kerberos ticket of ${principal} for ${service}: ${ticketProblem(why)}.`),
  noTicketInTime: (timeoutMs: number) => ({
    ...fail('auth', `No Kerberos ticket came within ${formatDuration(timeoutMs)}; is the KDC to be reached?`),
    limitMs: timeoutMs,
  }),
  ticketRefused: (principal: string, service: string, why = '') =>
    fail(
      'auth',
      `The Kerberos ticket of ${principal} for ${service} is not accepted${why && `: ${ticketProblem(why)}`}. The keys of the ` +
        "site's account may be others, the clocks apart, or the user without access.",
    ),
  negotiateNotOffered: (schemes: string) =>
    fail('auth', `The site does not offer Negotiate, which auth.negotiate is for (asked for: ${schemes}).`),
  headerMissing: (name: string) => fail('header', `The header ${name} is missing.`),
  headerMismatch: (name: string, value: string, pattern: Expression) =>
    fail('header', `The header ${name} is ${quoted(value)}, which does not match ${shown(pattern)}.`),
  tooSmall: (bytes: number, minBytes: number) =>
    fail('body', `The body has ${bytes} bytes, fewer than the ${minBytes} expected.`),
  textMissing: (text: string) => fail('body', `The body does not contain ${quoted(text)}.`),
  textPresent: (text: string) => fail('body', `The body contains ${quoted(text)}.`),
  noMatch: (pattern: Expression) => fail('body', `The body does not match ${shown(pattern)}.`),
  match: (pattern: Expression) => fail('body', `The body matches ${shown(pattern)}.`),
  warming: () => fail('warming', 'The answer is the page shown while the application starts.'),
  slow: (tookMs: number, mostMs: number) => ({
    ...fail(
      'slow',
      `The answer took ${formatDuration(tookMs)}, longer than the ${formatDuration(mostMs)} allowed.`,
    ),
    limitMs: mostMs,
  }),
  leftTarget: (origin: string) =>
    fail('redirect', `The answer redirects to ${quoted(origin)}, off the site.`),
  badLocation: (location: string) => fail('redirect', `The answer redirects to ${quoted(location)}, no URL.`),
  tooManyRedirects: (limit: number) => fail('redirect', `The answer redirects for more than ${limit} times.`),
  internal: (error: unknown) => fail('internal', `farmprobe failed: ${messageOf(error)}.`),
} as const

/** GSSAPI puts the same words before each reason, or has none but that there are no credentials. */
const ticketProblem = (why: string) =>
  why.startsWith('No credentials were supplied')
    ? "none could be fetched: the keytab does not have the principal's present key, the account is expired or disabled, or no KDC answers"
    : quoted(why.replace(/^Unspecified GSS failure\..*?information: */, ''))

const moments: Readonly<Record<Phase, string>> = {
  resolve: 'before it was open',
  connect: 'before it was open',
  tls: 'during the TLS handshake',
  request: 'while the request was sent',
  wait: 'without an answer',
  transfer: 'in the middle of the body',
}

const missing = (expected: number | undefined) =>
  expected === undefined ? ', before its last chunk' : ` of ${expected}`

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The failure of a probe that has taken all of its `timeoutMs`, by the phase that is running. */
export function timedOut(phase: Phase, address: string, timeoutMs: number, host: string): Failure {
  const within = `within ${formatDuration(timeoutMs)}.`
  if (phase === 'resolve')
    return { ...fail('dns', `The name ${host} was not resolved ${within}`), limitMs: timeoutMs }
  const [reason, what] = unfinished[phase]
  return { ...fail(reason, `${address} did not ${what} ${within}`), limitMs: timeoutMs }
}

const unfinished: Readonly<Record<Exclude<Phase, 'resolve'>, readonly [Failure['reason'], string]>> = {
  connect: ['connect_timeout', 'accept the connection'],
  tls: ['tls', 'finish the TLS handshake'],
  request: ['first_byte_timeout', 'take the whole request'],
  wait: ['first_byte_timeout', 'answer'],
  transfer: ['body_timeout', 'finish the body of its answer'],
}

const resets = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
const ours = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])

/** The failure that a socket's error means in the phase in which it came. */
export function socketFailure(error: NodeJS.ErrnoException, phase: Phase, address: string): Failure {
  const code = error.code ?? error.message
  if (ours.has(code)) return failures.noSocket(code)
  if (phase === 'tls' || code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return {
      ...failures.handshake(address, tlsProblem(error)),
      ...(resets.has(code) && { brokenOff: true as const }),
    }
  if (code === 'ECONNREFUSED') return failures.refused(address)
  if (code === 'ETIMEDOUT' && phase === 'connect') return failures.gaveUp(address)
  if (resets.has(code)) return failures.reset(address, phase)
  return failures.unreachable(address, code)
}

/** OpenSSL's own words when it has some: `wrong version number`, `tlsv1 alert protocol version`. */
function tlsProblem(error: NodeJS.ErrnoException & { reason?: string }): string {
  if (error.reason !== undefined) return error.reason
  return error.code === 'ECONNRESET' ? 'the connection was closed' : (error.code ?? error.message)
}
