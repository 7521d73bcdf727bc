/**
 * One hop of a probe: find the one address, connect, send a request, read its answer, within the probe's deadline.
 * Scheduled probes and `/probe` make the same hops; what differs between them is their policy.
 */
import { isIP } from 'node:net'
import { hostPort } from '../addresses/host_port.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Connection, TlsDial } from './connect/connection.ts'
import type { KeptConnections } from './connect/kept_connections.ts'
import { openConnection } from './connect/open_connection.ts'
import { type ChooseAddress, type Resolve, resolveOne } from './connect/resolve.ts'
import { type Deadline, type Stop, startDeadline } from './deadline.ts'
import { type Answer, type ReadLimits, ReceivedAnswer } from './exchange/answer.ts'
import type { Exchange } from './exchange/exchange.ts'
import type { WrittenRequest } from './exchange/request.ts'
import { type Failure, failures, isFailure, timedOut } from './failure.ts'
import { type Stopwatch, startStopwatch } from './stopwatch.ts'

/** How the hops of a kind of probes are made. */
export interface HopPolicy {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly chooseAddress: ChooseAddress
  readonly exchange: Exchange
  /** Where connections are kept between probes. */
  readonly kept?: KeptConnections
}

/** Where a hop goes. */
export interface Endpoint {
  /** A name, which is resolved, or an IP address without brackets. */
  readonly host: string
  readonly port: number
  readonly tls: TlsDial | undefined
  /** Under which key the connection is kept afterwards; empty: it is closed. */
  readonly keepAs: string
  readonly limits: ReadLimits
  /** How credentials are given that take more than a header; absent: there are none. */
  readonly handshake?: Handshake
}

/** Gives the request's answer, by as many requests on one connection as its credentials take. */
export type Handshake = (steps: HandshakeSteps) => Promise<Answer | Failure>

interface HandshakeSteps {
  readonly clock: Clock
  readonly connection: Connection
  /** Sends the request with this value of Authorization. */
  ask(authorization: string): Promise<Answer | Failure>
  /** The answer was no more than a step: what it took counts to the handshake. */
  setAside(answer: Answer): Answer
  /** Says why the credentials are not accepted. */
  refuse(why: Failure): void
  /** Waits for another server. */
  token<T extends object>(work: () => Promise<T>): Promise<T | Failure>
}

export interface Run {
  readonly policy: HopPolicy
  readonly watch: Stopwatch
  readonly deadline: Deadline
  /** The name resolved last; empty before. */
  host: string
  /** The address tried last, `ip:port`; empty before one is known. */
  address: string
  /** When the certificates in use expire, wall milliseconds. */
  notAfterMs: number | undefined
  /** The answers of the hops before the last one, which redirected. */
  readonly earlier: Answer[]
  /** What has come of the last hop's answer. */
  received: ReceivedAnswer | undefined
  /** The values of Authorization that handshakes have sent. */
  readonly tokens: string[]
  /** The affinity cookie's value that was sent, where it may be the key to a session. */
  session?: string | undefined
  /** Why the last handshake was refused; it counts when its answer is not what is expected. */
  refusal: Failure | undefined
  /** A server of tickets is waited for. */
  awaitsToken: boolean
}

/** Starts the clock of a probe that may take `timeoutMs`; its deadline must be cleared when it is over. */
export function startRun(policy: HopPolicy, timeoutMs: number, signal: AbortSignal): Run {
  const watch = startStopwatch(policy.clock)
  const describe = () =>
    run.awaitsToken
      ? failures.noTicketInTime(timeoutMs)
      : timedOut(watch.phase, run.address, timeoutMs, run.host)
  const deadline = startDeadline(policy.clock, timeoutMs, signal, describe)
  const run: Run = {
    policy,
    watch,
    deadline,
    host: '',
    address: '',
    notAfterMs: undefined,
    earlier: [],
    received: undefined,
    tokens: [],
    refusal: undefined,
    awaitsToken: false,
  }
  return run
}

/** The answer of the last hop, as far as it came; undefined before its head. */
export const answerOf = ({ received }: Run): Answer | undefined => (received?.begun ? received : undefined)

/**
 * Sends a request and reads its answer: on the kept connection where there is one, else on one new connection to one
 * address. A failure may leave a part of an answer. Rejects only when the probe is abandoned.
 */
export async function makeHop(run: Run, to: Endpoint, request: WrittenRequest): Promise<Answer | Failure> {
  run.received = undefined
  run.refusal = undefined
  const kept = to.keepAs === '' ? undefined : await takeKept(run, to.keepAs)
  if (kept) return answerOn(run, kept, to, request)
  const ip = await addressOf(run, to.host)
  const connection = typeof ip === 'string' ? await connect(run, ip, to) : ip
  return isFailure(connection) ? connection : answerOn(run, connection, to, request)
}

/** The one address of a host to connect to. A name is looked up, in the phase `resolve`. */
export async function addressOf(run: Run, host: string): Promise<string | Failure> {
  const { policy, watch, deadline } = run
  const family = isIP(host)
  if (family !== 0) {
    const chosen = policy.chooseAddress([{ address: host, family }], host) ?? failures.noAddress(host)
    return isFailure(chosen) ? chosen : chosen.address
  }
  run.host = host
  watch.enter('resolve')
  const found = await deadline.step<Awaited<ReturnType<typeof resolveOne>>>((done) => {
    void (async () => done(await resolveOne(host, policy.resolve, policy.chooseAddress)))()
    // A lookup cannot be cancelled; its answer is ignored.
    return () => {}
  })
  return isFailure(found) ? found : found.address
}

function connect(run: Run, ip: string, { port, tls }: Endpoint): Promise<Connection | Failure> {
  const { policy, watch, deadline } = run
  run.address = hostPort({ host: ip, port })
  watch.enter('connect')
  return deadline.step<Connection | Failure>((done) => {
    const connection = openConnection(ip, port, run.address, policy.clock, {
      tls,
      watch,
      done(result) {
        run.notAfterMs = connection.notAfterMs ?? run.notAfterMs
        done(result)
      },
    })
    return () => connection.socket.destroy()
  })
}

function answerOn(run: Run, connection: Connection, to: Endpoint, request: WrittenRequest) {
  const leave = () => {
    if (to.keepAs === '') connection.socket.destroy()
    else run.policy.kept?.keep(to.keepAs, connection)
  }
  return to.handshake
    ? answerAfter(to.handshake, run, connection, to, request).finally(leave)
    : ask(run, connection, to, request, leave)
}

/** The connection stays open between the requests of a handshake, which it must not outlive where it is abandoned. */
async function answerAfter(
  handshake: Handshake,
  run: Run,
  connection: Connection,
  to: Endpoint,
  request: WrittenRequest,
): Promise<Answer | Failure> {
  const { policy, watch } = run
  watch.stop()
  let before = watch.phaseMs
  const answer = await handshake({
    clock: policy.clock,
    connection,
    ask(authorization) {
      if (connection.socket.destroyed && run.received)
        return Promise.resolve(failures.handshakeCut(run.address))
      before = { ...watch.phaseMs }
      run.tokens.push(authorization)
      const headers = [...request.headers, 'Authorization', authorization]
      return ask(run, connection, to, { ...request, headers, reset: false })
    },
    setAside(answer) {
      watch.setAside(before)
      return answer
    },
    refuse: (why) => void (run.refusal = why),
    async token(work) {
      run.awaitsToken = true
      const token = await watch.authenticate(() =>
        run.deadline.step<Awaited<ReturnType<typeof work>>>((done) => {
          void (async () => done(await work()))()
          return () => connection.socket.destroy()
        }),
      )
      run.awaitsToken = false
      return token
    },
  })
  // More may have been asked after it.
  if (!isFailure(answer)) run.received = answer as ReceivedAnswer
  return answer
}

function ask(
  run: Run,
  connection: Connection,
  { limits }: Endpoint,
  request: WrittenRequest,
  whenDone: () => void = () => {},
) {
  const { policy, watch, deadline } = run
  const received = (run.received = new ReceivedAnswer(limits))
  return deadline.step<Answer | Failure>((done) => {
    policy.exchange(connection, request, received, { watch, clock: policy.clock }, (answer) => {
      whenDone()
      done(answer)
    })
    return () => connection.socket.destroy()
  })
}

async function takeKept(run: Run, key: string): Promise<Connection | undefined> {
  await run.deadline.step(pollOnce)
  const kept = run.policy.kept?.take(key)
  if (!kept) return undefined
  run.address = kept.address
  run.notAfterMs = kept.notAfterMs
  return kept
}

/**
 * Lets the event loop poll, so that a close which has arrived already is seen before a request is risked on it. The
 * first immediate may run before the next poll; the second one runs after it.
 */
function pollOnce(done: (result: object) => void): Stop {
  let turn = setImmediate(() => void (turn = setImmediate(done, {})))
  return () => clearImmediate(turn)
}
