import { createHash, createHmac } from 'node:crypto'
import { array, assert, integer, nat, property, tuple, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { md4 } from '../../../src/probe/auth/md4.ts'
import {
  authenticateMessage,
  type NtlmContext,
  negotiateMessage,
  readChallenge,
} from '../../../src/probe/auth/ntlm_messages.ts'
import { challengeOf } from '../../support/servers/ntlm_server.ts'

/** RFC 1320, appendix A.5. */
test.each([
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
  ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
])('MD4 of "%s"', (text, hash) => {
  expect(md4(Buffer.from(text)).toString('hex')).toBe(hash)
})

/** The names, the password and the nonces of [MS-NLMP], section 4.2.1. */
const user = { user: 'User', domain: 'Domain', password: 'Password' }
const context: NtlmContext = {
  nowMs: 0,
  nonce: Buffer.alloc(8, 0xaa),
  service: 'HTTP/intranet.example.org',
  endPoint: undefined,
}
const key = Buffer.from('0c868a403bfd7a93a3001ef22ef02e3f', 'hex')
const serverNonce = Buffer.from('0123456789abcdef', 'hex')
const time: readonly [number, Buffer] = [7, Buffer.from('0090d336b734c301', 'hex')]

const md5 = (...parts: Buffer[]) =>
  parts
    .slice(1)
    .reduce((sum, part) => sum.update(part), createHmac('md5', parts[0] as Buffer))
    .digest()

const wide = (text: string) => Buffer.from(text, 'utf16le')

function field(message: Buffer, at: number): Buffer {
  const from = message.readUInt32LE(at + 4)
  return message.subarray(from, from + message.readUInt16LE(at))
}

function answerTo(challenge: Buffer, given: Partial<NtlmContext> = {}) {
  const read = readChallenge(challenge)
  if (read === undefined) throw new Error('no challenge')
  const message = authenticateMessage(user, read, { ...context, ...given })
  const [proof, blob] = [field(message, 20).subarray(0, 16), field(message, 20).subarray(16)]
  const pairs = new Map<number, Buffer>()
  for (let at = 28; blob.readUInt16LE(at) !== 0; at += 4 + blob.readUInt16LE(at + 2))
    pairs.set(blob.readUInt16LE(at), blob.subarray(at + 4, at + 4 + blob.readUInt16LE(at + 2)))
  return { message, proof, blob, pairs, lm: field(message, 12) }
}

describe('the answer to a challenge', () => {
  test('without a time has the LMv2 response of the specification, section 4.2.4.2.1', () => {
    const { lm } = answerTo(challengeOf('Server'))
    expect(lm.toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa')
  })

  test('proves the password over all that it says', () => {
    const { message, proof, blob } = answerTo(challengeOf('Server'))
    expect(proof).toEqual(md5(key, serverNonce, blob))
    expect(field(message, 28).toString('utf16le')).toBe('Domain')
    expect(field(message, 36).toString('utf16le')).toBe('User')
    expect(field(message, 44)).toHaveLength(0)
  })

  test('has the time of the server, its integrity code and no LM response, where the server sends its time', () => {
    const challenge = challengeOf('Server', [time])
    const { message, proof, blob, pairs, lm } = answerTo(challenge)
    expect(blob.subarray(8, 16)).toEqual(time[1])
    expect(pairs.get(6)?.readUInt32LE()).toBe(2)
    expect(lm).toEqual(Buffer.alloc(24))
    const bare = Buffer.from(message)
    bare.fill(0, 72, 88)
    const code = md5(md5(key, proof), negotiateMessage(), challenge, bare)
    expect(message.subarray(72, 88)).toEqual(code)
  })

  test('takes capital letters of a name as Windows does, which has none for some letters', () => {
    const challenge = readChallenge(challengeOf('Server'))
    if (challenge === undefined) throw new Error('no challenge')
    const message = authenticateMessage({ ...user, user: 'Jörg Groß' }, challenge, context)
    const ownKey = md5(md4(wide('Password')), wide('JÖRG GROßDomain'))
    expect(field(message, 12).subarray(0, 16)).toEqual(md5(ownKey, serverNonce, context.nonce))
  })

  test('says that its names are Unicode, also to a server that does not', () => {
    const challenge = challengeOf('Server')
    challenge.writeUInt32LE(0, 20)
    expect(answerTo(challenge).message.readUInt32LE(60)).toBe(1)
  })

  test('names the service, and binds to the certificate of the connection', () => {
    const endPoint = createHash('sha256').update('certificate').digest()
    const { pairs } = answerTo(challengeOf('Server', [time]), { endPoint })
    expect(pairs.get(9)?.toString('utf16le')).toBe('HTTP/intranet.example.org')
    const data = Buffer.concat([Buffer.from('tls-server-end-point:'), endPoint])
    const length = Buffer.from([data.length, 0, 0, 0])
    const bindings = Buffer.concat([Buffer.alloc(16), length, data])
    expect(pairs.get(10)).toEqual(createHash('md5').update(bindings).digest())
    expect(answerTo(challengeOf('Server')).pairs.get(10)).toEqual(Buffer.alloc(16))
  })
})

test('a challenge names its computer', () => {
  expect(readChallenge(challengeOf('WEB01'))?.computer).toBe('WEB01')
  expect(readChallenge(challengeOf(''))?.computer).toBe('')
})

test('no bytes of a hostile server make reading or answering fail', () => {
  const anyPair = tuple(integer({ min: 1, max: 12 }), uint8Array({ maxLength: 20 }))
  assert(
    property(array(anyPair), array(tuple(nat(200), nat(255))), nat(300), (pairs, flips, cut) => {
      const bytes = challengeOf(
        'WEB01',
        pairs.map(([id, value]) => [id, Buffer.from(value)] as const),
      )
      for (const [at, byte] of flips) if (at < bytes.length) bytes[at] = byte
      const read = readChallenge(bytes.subarray(0, cut))
      expect(read === undefined || authenticateMessage(user, read, context).length > 88).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
