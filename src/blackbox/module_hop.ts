/** One request and its answer, on a connection of its own. */
import type { TLSSocket } from 'node:tls'
import { mayNotLeadTo } from '../addresses/allowed_target.ts'
import type { Connection } from '../probe/connect/connection.ts'
import { openConnection, type TlsDial } from '../probe/connect/open_connection.ts'
import { type Address, joinPort, type Resolve } from '../probe/connect/resolve.ts'
import type { Deadline } from '../probe/deadline.ts'
import type { Answer, AnswerReader } from '../probe/exchange/answer.ts'
import { exchange } from '../probe/exchange/exchange.ts'
import type { WrittenRequest } from '../probe/exchange/request.ts'
import { type Failure, isFailure } from '../probe/failure.ts'
import type { Stopwatch } from '../probe/stopwatch.ts'
import type { Clock } from '../runtime/clock.ts'
import { chooseAddress } from './choose_address.ts'
import { exchangeHttp2 } from './http2.ts'
import { type Handshake, noteHandshake } from './metrics/tls_facts.ts'
import type { HttpModule } from './module/module.ts'
import type { Material } from './module/module_files.ts'

/** What finding addresses takes. */
export interface Search {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly module: HttpModule
  readonly watch: Stopwatch
  readonly deadline: Deadline
  /** What is being dialled: for the sentence when time runs out. */
  readonly dialled: { host: string; address: string }
}

/** What all hops of one probe share. */
export interface Journey extends Search {
  readonly material: Material
  handshake: Handshake | undefined
}

/** Finds the one address of a host that may be connected to; otherwise a sentence why there is none. */
export async function lookUp(search: Search, host: string): Promise<Address | string> {
  const { module, watch, deadline, resolve, dialled } = search
  dialled.host = host
  watch.enter('resolve')
  const found = await deadline.step<{ readonly chosen: Address | string } | Failure>((done) => {
    void (async () => done({ chosen: await chooseAddress(host, module, resolve) }))()
    // A lookup cannot be called back; its answer is no longer listened to.
    return () => {}
  })
  watch.stop()
  if (isFailure(found)) return found.detail
  if (typeof found.chosen === 'string') return found.chosen
  const what = mayNotLeadTo(host, found.chosen.address)
  return what === undefined ? found.chosen : `${host} leads to ${found.chosen.address}: ${what}`
}

/** Where to connect, and whom to find there. */
export interface Dialled {
  readonly ip: string
  readonly port: number
  /** The name that the certificate must prove; undefined for plain HTTP. */
  readonly serverName: string | undefined
}

/** Opens the connection, to the very address that was looked at. */
export async function connect(
  journey: Journey,
  { ip, port, serverName }: Dialled,
): Promise<Connection | Failure> {
  const { clock, watch, deadline } = journey
  const address = joinPort(ip, port)
  journey.dialled.address = address
  journey.handshake = undefined
  const tls = serverName === undefined ? undefined : tlsDial(journey, serverName, () => socket as TLSSocket)
  const dial = { ip, port, address, tls, onPresented() {} }
  let socket: Connection['socket'] | undefined
  watch.enter('connect')
  return deadline.step<Connection | Failure>((done) => {
    const opened = openConnection(dial, clock, watch, done)
    socket = opened
    return () => opened.destroy()
  })
}

function tlsDial(journey: Journey, hostname: string, socket: () => TLSSocket): TlsDial {
  const { module, material } = journey
  return {
    hostname,
    context: material.secureContext(),
    insecure: module.tls.insecure,
    protocols: module.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    earliestExpiryMs(leaf) {
      journey.handshake = noteHandshake(socket(), leaf)
      return Date.parse(leaf.validTo)
    },
  }
}

/** What an exchange yielded: an answer is whole where there is no failure. */
export interface Exchanged {
  readonly answer: Answer | undefined
  readonly failure: Failure | undefined
  /** Of the answer, such as 1.1. */
  readonly version: number
  /** Its end came with its head, as HTTP/2 has it. */
  readonly headOnly: boolean
}

/** Sends the request and reads the answer; the connection is closed then. */
export async function ask(
  { watch, deadline }: Journey,
  connection: Connection,
  request: WrittenRequest,
  reader: AnswerReader,
): Promise<Exchanged> {
  const { socket } = connection
  // It is here at once, with nothing but promises since the socket was secure, and so before anything more is read.
  if ((socket as TLSSocket).alpnProtocol === 'h2') {
    const result = await deadline.step<{ failure: Failure | undefined; headOnly: boolean } | Failure>(
      (done) => {
        exchangeHttp2(connection, request, reader, watch, done)
        return () => socket.destroy()
      },
    )
    const { failure, headOnly } = isFailure(result) ? { failure: result, headOnly: false } : result
    return { answer: reader.answer(), failure, version: 2, headOnly }
  }
  let start = ''
  const result = await deadline.step<Answer | Failure>((done) => {
    exchange(connection, request, reader, watch, done)
    const { tap } = connection
    connection.tap = {
      ...tap,
      read(piece, atMs) {
        if (start.length < versionLength) start += piece.toString('latin1', 0, versionLength - start.length)
        return tap.read(piece, atMs)
      },
    }
    return () => socket.destroy()
  })
  socket.destroy()
  return {
    answer: reader.answer(),
    failure: isFailure(result) ? result : undefined,
    version: start === 'HTTP/1.0' ? 1 : 1.1,
    headOnly: false,
  }
}

const versionLength = 'HTTP/1.x'.length
