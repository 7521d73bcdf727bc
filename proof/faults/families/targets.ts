/** Every way in which a target can fail over plain HTTP. */
import { gzipSync } from 'node:zlib'
import { startFullListener } from '../../../test/support/servers/full_listener.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'
import {
  answerBytes,
  type Play,
  type RawOptions,
  say,
  sayAndStay,
  startRawServer,
} from '../../../test/support/servers/raw_server.ts'
import type { Fault } from '../fault.ts'
import { onlyReasons } from '../support/probe_results.ts'
import { afterEachByte, answer, badFarm, forever, impatient } from '../support/servers.ts'

const ok = 'HTTP/1.1 200 OK\r\n'

interface Row {
  readonly name: string
  readonly target: string
  readonly play: Play
  readonly greet?: RawOptions['greet']
  readonly reasons: readonly string[]
  readonly check?: object
}

const rows: readonly Row[] = [
  {
    name: 'half-open',
    target: 'takes the request and never answers',
    play: () => {},
    reasons: ['first_byte_timeout'],
    check: impatient,
  },
  {
    name: 'reset-at-accept',
    target: 'resets each connection when it is there',
    play: () => {},
    greet: (socket) => void socket.resetAndDestroy(),
    reasons: ['reset', 'closed'],
  },
  {
    name: 'reset-at-each-byte',
    target: `resets after 0, 1, 2 ... of the ${answer.length} bytes of an answer`,
    play: afterEachByte((socket) => socket.resetAndDestroy()),
    reasons: ['reset'],
  },
  {
    name: 'close-at-each-byte',
    target: `closes after 0, 1, 2 ... of the ${answer.length} bytes of an answer`,
    play: afterEachByte((socket) => void socket.end()),
    reasons: ['closed', 'truncated'],
  },
  {
    name: 'stall-at-each-byte',
    target: `goes silent after 0, 1, 2 ... of the ${answer.length} bytes of an answer`,
    play: afterEachByte(() => {}),
    reasons: ['first_byte_timeout', 'body_timeout'],
    check: { timeout: '150ms' },
  },
  {
    name: 'endless-headers',
    target: 'sends headers without end',
    play: forever(ok, `X: ${'x'.repeat(1000)}\r\n`),
    reasons: ['protocol'],
  },
  {
    name: 'endless-body',
    target: 'sends a body without end',
    play: forever(`${ok}\r\n`, Buffer.alloc(65_536, 120)),
    reasons: ['too_large'],
  },
  {
    name: 'gzip-bomb',
    target: 'sends 64 MiB packed into 64 KiB',
    play: say(answerBytes(gzipSync(Buffer.alloc(64 * 2 ** 20)), ['Content-Encoding: gzip'])),
    reasons: ['too_large'],
    check: { expect: { body: { contains: 'Welcome', max_bytes: '256KiB' } } },
  },
  {
    name: 'garbage',
    target: 'sends bytes that are no HTTP',
    play: say(Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10])),
    reasons: ['protocol'],
  },
  {
    name: 'speaks-first',
    target: 'is an SSH server',
    play: () => {},
    greet: (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
    reasons: ['protocol'],
  },
  {
    name: 'splits-responses',
    target: 'sends a second answer nobody asked for, on a kept connection',
    play: sayAndStay(Buffer.concat([answerBytes(), answerBytes('Forged')])),
    reasons: ['protocol'],
    check: { connection: 'reuse', expect: { body: { contains: 'Welcome' } } },
  },
  {
    name: 'kept-connections-die',
    target: 'resets a kept connection after each answer',
    play: (socket) => socket.write(answerBytes(), () => setTimeout(() => socket.resetAndDestroy(), 20)),
    reasons: ['ok', 'reset', 'closed'],
    check: { connection: 'reuse' },
  },
]

const asFault = ({ name, target, play, greet, reasons, check }: Row): Fault => ({
  name,
  expected: `a target that ${target}: ${reasons.join(' or ')}`,
  async run({ experiment, short }) {
    await using server = await startRawServer(play, greet ? { greet } : {})
    return await experiment(
      { farms: [badFarm({ port: server.port, ...(check && { check }) })] },
      (farmprobe) => onlyReasons(farmprobe, 'bad', reasons, short ? answer.length + 10 : 400),
    )
  },
})

const nobodyListens: Fault = {
  name: 'refused',
  expected: 'a target that refuses connections: refused',
  async run({ experiment, short }) {
    const port = await freePort()
    return await experiment({ farms: [badFarm({ port })] }, (farmprobe) =>
      onlyReasons(farmprobe, 'bad', ['refused'], short ? 60 : 300),
    )
  },
}

const neverAccepts: Fault = {
  name: 'connect-stalls',
  expected: 'a target that neither accepts nor refuses: connect_timeout',
  async run({ experiment, short }) {
    await using listener = await startFullListener()
    return await experiment({ farms: [badFarm({ port: listener.port, check: impatient })] }, (farmprobe) =>
      onlyReasons(farmprobe, 'bad', ['connect_timeout'], short ? 30 : 300),
    )
  },
}

export const targetFaults: readonly Fault[] = [nobodyListens, neverAccepts, ...rows.map(asFault)]
