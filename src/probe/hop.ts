import type { Clock } from '../runtime/clock.ts'
import type { Connection } from './connect/connection.ts'
import type { KeptConnections } from './connect/kept_connections.ts'
import { openConnection } from './connect/open_connection.ts'
import { firstAddress, joinPort, type Resolve } from './connect/resolve.ts'
import type { Deadline, Stop } from './deadline.ts'
import { type Answer, type AnswerReader, createAnswerReader } from './exchange/answer.ts'
import { exchange } from './exchange/exchange.ts'
import type { Aim, WrittenRequest } from './exchange/request.ts'
import { type Failure, isFailure } from './failure.ts'
import type { Plan } from './probe_plan.ts'
import type { Stopwatch } from './stopwatch.ts'

/** What a probe uses of its surroundings. */
export interface Tools {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly kept: KeptConnections
}

/** One probe under way. */
export interface Run {
  readonly plan: Plan
  readonly id: string
  readonly watch: Stopwatch
  readonly deadline: Deadline
  /** The address tried last, `ip:port`; empty before one is known. */
  address: string
  /** The earliest expiry of the certificates presented, wall milliseconds. */
  notAfterMs: number | undefined
  /** What has been read of the present hop's answer. */
  reader: AnswerReader | undefined
}

/** One request and its answer: on the kept connection where there is one, else on one new connection to one address. */
export async function makeHop(run: Run, aim: Aim, tools: Tools): Promise<Answer | Failure> {
  run.reader = undefined
  const request = run.plan.writer.write(aim, run.id)
  const kept = run.plan.check.connection === 'reuse' && (await takeKept(run, tools))
  if (kept) {
    const answer = await ask(run, kept, request, tools)
    // Closed in the very last moment: the request was not sent, so it goes over a new connection.
    if (kept.asked) return answer
  }
  const { resolves, target } = run.plan
  const connection = await (resolves ? resolveAndConnect(run, tools) : connect(run, target.host, tools))
  return isFailure(connection) ? connection : ask(run, connection, request, tools)
}

async function takeKept(run: Run, tools: Tools): Promise<Connection | undefined> {
  await run.deadline.step(pollOnce)
  const kept = tools.kept.take(run.plan.key)
  if (!kept) return undefined
  run.address = kept.address
  run.notAfterMs = kept.notAfterMs
  return kept
}

function ask(
  run: Run,
  connection: Connection,
  request: WrittenRequest,
  tools: Tools,
): Promise<Answer | Failure> {
  const { plan, watch, deadline } = run
  const reader = createAnswerReader(plan.limits)
  run.reader = reader
  return deadline.step<Answer | Failure>((done) => {
    exchange(connection, request, reader, watch, (answer) => {
      if (plan.check.connection === 'reuse') tools.kept.keep(plan.key, connection)
      else connection.socket.destroy()
      done(answer)
    })
    return () => connection.socket.destroy()
  })
}

/**
 * Lets the event loop poll, so that a close which has arrived already is seen before a request is risked on it. The
 * first immediate may run before the next poll; the second one runs after it.
 */
function pollOnce(done: (result: object) => void): Stop {
  let turn = setImmediate(() => {
    turn = setImmediate(done, {})
  })
  return () => clearImmediate(turn)
}

async function resolveAndConnect(run: Run, tools: Tools): Promise<Connection | Failure> {
  const ip = await resolveHost(run, tools)
  return typeof ip === 'string' ? connect(run, ip, tools) : ip
}

function connect(run: Run, ip: string, tools: Tools): Promise<Connection | Failure> {
  const { plan, watch, deadline } = run
  const { port } = plan.target
  run.address = joinPort(ip, port)
  const onPresented = (notAfterMs: number | undefined) => void (run.notAfterMs = notAfterMs)
  const dial = { ip, port, address: run.address, tls: plan.tls, onPresented }
  watch.enter('connect')
  return deadline.step<Connection | Failure>((done) => {
    const socket = openConnection(dial, tools.clock, watch, done)
    return () => socket.destroy()
  })
}

async function resolveHost(run: Run, tools: Tools): Promise<string | Failure> {
  const { plan, watch, deadline } = run
  watch.enter('resolve')
  const found = await deadline.step<Awaited<ReturnType<typeof firstAddress>>>((done) => {
    void (async () => done(await firstAddress(tools.resolve, plan.target.host)))()
    // A lookup cannot be called back; its answer is no longer listened to.
    return () => {}
  })
  return isFailure(found) ? found : found.address
}
