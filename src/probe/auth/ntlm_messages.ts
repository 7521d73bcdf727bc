/**
 * The three messages of NTLM, in its version 2, by the specification [MS-NLMP]; sections are cited. Its pure libraries on
 * npm know neither the message integrity code nor channel bindings, which servers with Extended Protection ask for.
 */
import { createHash, createHmac } from 'node:crypto'
import { md4 } from './md4.ts'

export interface NtlmUser {
  readonly user: string
  /** Empty for a user principal name, `probe@example.org`. */
  readonly domain: string
  readonly password: string
}

/** What ties the answer to a challenge to one moment, and to one place. */
export interface NtlmContext {
  /** Wall milliseconds, for a server whose challenge has no time. */
  readonly nowMs: number
  /** 8 random bytes. */
  readonly nonce: Buffer
  /** The service asked for, such as `HTTP/intranet.example.org`. */
  readonly service: string
  /** Data of the channel binding `tls-server-end-point` (RFC 5929); undefined without TLS. */
  readonly endPoint: Buffer | undefined
}

/** A CHALLENGE_MESSAGE. */
export interface NtlmChallenge {
  readonly message: Buffer
  readonly nonce: Buffer
  readonly flags: number
  readonly info: readonly AvPair[]
  /** The name of the computer that wrote it; empty when it has none. */
  readonly computer: string
}

/** A pair of attribute and value (2.2.2.1). */
type AvPair = readonly [id: number, value: Buffer]

const signature = Buffer.from('NTLMSSP\0', 'latin1')
const av = { end: 0, computer: 1, dnsComputer: 3, flags: 6, time: 7, service: 9, channel: 10 } as const

/**
 * 2.2.2.5: Unicode, a target, NTLM, extended session security, 128 bits; signed always, which is what servers ask for that
 * check the integrity code. Never the keys of NTLM 1 and LM.
 */
const ourFlags = 0x2288_8205
/** Our names are written so, whatever the server says. */
const unicode = 1
/** 2.2.2.10: Windows 10, and revision 15 of NTLM. */
const version = Buffer.from([10, 0, 0, 0, 0, 0, 0, 15])

/** The first message (2.2.1.1). It says nothing of the user. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40)
  signature.copy(message)
  message.writeUInt32LE(1, 8)
  message.writeUInt32LE(ourFlags, 12)
  version.copy(message, 32)
  return message
}

/** Reads the server's message (2.2.1.2); undefined when it is none. */
export function readChallenge(message: Buffer): NtlmChallenge | undefined {
  if (message.length < 48 || !message.subarray(0, 8).equals(signature) || message.readUInt32LE(8) !== 2)
    return undefined
  const [length, from] = [message.readUInt16LE(40), message.readUInt32LE(44)]
  const info = from + length > message.length ? undefined : readPairs(message.subarray(from, from + length))
  if (info === undefined) return undefined
  const names = [av.computer, av.dnsComputer].map((id) => valueOf(info, id)?.toString('utf16le') ?? '')
  return {
    message,
    nonce: message.subarray(24, 32),
    flags: message.readUInt32LE(20),
    info,
    computer: names.find((name) => name !== '') ?? '',
  }
}

function readPairs(bytes: Buffer): AvPair[] | undefined {
  const pairs: AvPair[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)]
    if (id === av.end) break
    if (at + 4 + length > bytes.length) return undefined
    pairs.push([id, bytes.subarray(at + 4, at + 4 + length)])
    at += 4 + length
  }
  return pairs
}

const valueOf = (pairs: readonly AvPair[], id: number) => pairs.find(([each]) => each === id)?.[1]

/** The answer to a challenge (2.2.1.3), with what NTLM 2 computes from the password (3.3.2). */
export function authenticateMessage(
  { user, domain, password }: NtlmUser,
  challenge: NtlmChallenge,
  context: NtlmContext,
): Buffer {
  const key = hmac(md4(wide(password)), wide(capitals(user) + domain))
  const time = valueOf(challenge.info, av.time)
  const { nonce } = context
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    time?.length === 8 ? time : fileTime(context.nowMs),
    nonce,
    Buffer.alloc(4),
    writePairs(answeredInfo(challenge, context)),
    Buffer.alloc(4),
  ])
  const proof = hmac(key, challenge.nonce, blob)
  // A server that sends its time wants no answer of LM (3.1.5.1.2).
  const lm = time ? Buffer.alloc(24) : Buffer.concat([hmac(key, challenge.nonce, nonce), nonce])
  const message = assembled((challenge.flags & ourFlags) | unicode, [
    lm,
    Buffer.concat([proof, blob]),
    wide(domain),
    wide(user),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ])
  if (time) hmac(hmac(key, proof), negotiateMessage(), challenge.message, message).copy(message, micAt)
  return message
}

/** What the challenge says of its server, and beside it that an integrity code follows, what is asked for, and over what. */
function answeredInfo({ info }: NtlmChallenge, { service, endPoint }: NtlmContext): AvPair[] {
  const ours: readonly number[] = [av.flags, av.service, av.channel]
  const flags = Buffer.alloc(4)
  valueOf(info, av.flags)?.copy(flags)
  if (valueOf(info, av.time)) flags.writeUInt8(flags.readUInt8() | 2)
  return [
    ...info.filter(([id]) => !ours.includes(id)),
    [av.flags, flags],
    [av.channel, endPoint === undefined ? Buffer.alloc(16) : channelHash(endPoint)],
    [av.service, wide(service)],
  ]
}

/** 3.1.5.1.2: MD5 of a `gss_channel_bindings_struct` (RFC 2744, section 3.11) that has application data alone. */
function channelHash(endPoint: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), endPoint])
  const head = Buffer.alloc(20)
  head.writeUInt32LE(data.length, 16)
  return createHash('md5').update(head).update(data).digest()
}

function writePairs(pairs: readonly AvPair[]): Buffer {
  const written = pairs.flatMap(([id, value]) => {
    const head = Buffer.alloc(4)
    head.writeUInt16LE(id)
    head.writeUInt16LE(value.length, 2)
    return [head, value]
  })
  return Buffer.concat([...written, Buffer.alloc(4)])
}

const micAt = 72
const payloadAt = 88

/** The fields in the order of their heads; the payload follows in the same order. */
function assembled(flags: number, fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(payloadAt)
  signature.copy(head)
  head.writeUInt32LE(3, 8)
  let from = payloadAt
  for (const [index, { length }] of fields.entries()) {
    const at = 12 + 8 * index
    head.writeUInt16LE(length, at)
    head.writeUInt16LE(length, at + 2)
    head.writeUInt32LE(from, at + 4)
    from += length
  }
  head.writeUInt32LE(flags >>> 0, 60)
  version.copy(head, 64)
  return Buffer.concat([head, ...fields])
}

/** As Windows has them, letter for letter: `ß` would become two, and stays. */
const capitals = (text: string) =>
  text.replaceAll(/./gsu, (letter) => {
    const capital = letter.toUpperCase()
    return capital.length === letter.length ? capital : letter
  })

const wide = (text: string) => Buffer.from(text, 'utf16le')

function hmac(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const sum = createHmac('md5', key)
  for (const part of parts) sum.update(part)
  return sum.digest()
}

/** 2.3.3 of [MS-DTYP]: tenths of microseconds since 1601. */
function fileTime(wallMs: number): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE((BigInt(Math.floor(wallMs)) + 11_644_473_600_000n) * 10_000n)
  return time
}
