/** Every bad kind of TLS. None of them may be let in: no request is ever sent. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { type Certificate, makeCertificate } from '../../../test/support/servers/certificates.ts'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss } from '../fault.ts'
import { onlyReasons } from '../support/probe_results.ts'
import { badFarm, impatient } from '../support/servers.ts'

interface Authority {
  readonly ca: Certificate
  readonly good: Certificate
}

/** The site is `bad.test`. */
const names = ['bad.test']

async function makeAuthority(): Promise<Authority> {
  const ca = await makeCertificate({ names: ['fault suite CA'], ca: true })
  return { ca, good: await makeCertificate({ names, by: ca }) }
}

interface Row {
  readonly name: string
  readonly server: string
  readonly options: (authority: Authority) => Promise<TlsOptions>
}

const withCertificate = ({ cert, key }: Certificate): TlsOptions => ({ cert, key })

const rows: readonly Row[] = [
  {
    name: 'tls-expired',
    server: 'shows an expired certificate',
    options: async ({ ca }) =>
      withCertificate(await makeCertificate({ names, by: ca, notAfter: new Date('2021-02-03') })),
  },
  {
    name: 'tls-wrong-name',
    server: 'shows a certificate for another name',
    options: async ({ ca }) => withCertificate(await makeCertificate({ names: ['other.test'], by: ca })),
  },
  {
    name: 'tls-unknown-ca',
    server: 'shows a certificate of an unknown authority',
    options: async () => withCertificate((await makeAuthority()).good),
  },
  {
    name: 'tls-self-signed',
    server: 'shows a self-signed certificate',
    options: async () => withCertificate(await makeCertificate({ names })),
  },
  {
    name: 'tls-old-version',
    server: 'speaks TLS 1.1 at most',
    options: async ({ good }) => ({
      ...withCertificate(good),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }),
  },
  {
    name: 'tls-no-common-cipher',
    server: 'has no cipher in common',
    options: async ({ good }) => ({
      ...withCertificate(good),
      maxVersion: 'TLSv1.2',
      // Of RSA keys, which this server has not.
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256',
    }),
  },
]

const trusting = ({ ca }: Authority) => ({ check: { tls: { ca: ca.cert } } })

/** With the good certificate the same set-up is let in: what fails, fails for the reason given. */
const goodTls: Fault = {
  name: 'tls-good',
  expected: 'for differences, a server whose certificate is right: ok',
  async run({ experiment }) {
    const authority = await makeAuthority()
    const tls = withCertificate(authority.good)
    await using server = await startRawServer(say(answerBytes()), { tls })
    return await experiment(
      { farms: [badFarm({ port: server.port, scheme: 'https', ...trusting(authority) })] },
      (farmprobe) => onlyReasons(farmprobe, 'bad', ['ok'], 40),
    )
  },
}

const certificateFault = ({ name, server, options }: Row): Fault => ({
  name,
  expected: `a server that ${server}: tls, and no request sent`,
  async run({ experiment, short }) {
    const authority = await makeAuthority()
    const tls = await options(authority)
    await using bad = await startRawServer(say(answerBytes()), { tls })
    const farms = [badFarm({ port: bad.port, scheme: 'https', ...trusting(authority) })]
    return await experiment({ farms }, async (farmprobe) => {
      const seen = await onlyReasons(farmprobe, 'bad', ['tls'], short ? 60 : 300)
      if (bad.requests.length > 0) throw new Miss(`${bad.requests.length} requests were sent all the same`)
      return seen
    })
  },
})

type Break = (client: Socket, index: number, tlsPort: number) => void

const breaks: readonly (readonly [name: string, server: string, behave: Break])[] = [
  [
    'tls-garbage',
    'answers the handshake with garbage',
    (client) => client.once('data', () => client.end(Buffer.alloc(200, 7))),
  ],
  [
    'tls-plain-http',
    'speaks plain HTTP',
    (client) => client.once('data', () => client.end(answerBytes('no TLS', [], '400 Bad Request'))),
  ],
  [
    'tls-reset',
    'resets during the handshake',
    (client) => client.once('data', () => client.resetAndDestroy()),
  ],
  ['tls-closed', 'closes during the handshake', (client) => client.once('data', () => client.end())],
  ['tls-stall', 'takes the first message and goes silent', () => {}],
  [
    'tls-stall-at-each-piece',
    'goes silent after 0, 50, 100 ... bytes of its handshake',
    passOn(
      (index) => (index % 16) * 50,
      () => {},
    ),
  ],
  [
    'tls-reset-at-each-piece',
    'resets after 0, 50, 100 ... bytes of its handshake',
    passOn(
      (index) => (index % 16) * 50,
      (client) => client.resetAndDestroy(),
    ),
  ],
]

/** Stands before a real TLS server and lets so many bytes of its answer through. */
function passOn(allowed: (index: number) => number, next: (client: Socket) => void): Break {
  return (client, index, tlsPort) => {
    const server = connect(tlsPort, '127.0.0.1')
    let left = allowed(index)
    client.pipe(server)
    client.once('close', () => server.destroy())
    server.on('error', () => client.destroy())
    server.on('data', (piece: Buffer) => {
      const passed = piece.subarray(0, left)
      left -= passed.length
      client.write(passed, () => left > 0 || setImmediate(next, client))
    })
  }
}

const handshakeFault = ([name, server, behave]: (typeof breaks)[number]): Fault => ({
  name,
  expected: `a server that ${server}: tls within the time limit, and no request sent`,
  async run({ experiment, short }) {
    const authority = await makeAuthority()
    await using real = await startRawServer(say(answerBytes()), { tls: withCertificate(authority.good) })
    await using front = await startFront(behave, real.port)
    const { check } = trusting(authority)
    const farms = [badFarm({ port: front.port, scheme: 'https', check: { ...check, ...impatient } })]
    return await experiment({ farms }, async (farmprobe) => {
      const seen = await onlyReasons(farmprobe, 'bad', ['tls'], short ? 48 : 300)
      if (real.requests.length > 0) throw new Miss(`${real.requests.length} requests were sent all the same`)
      return seen
    })
  },
})

async function startFront(behave: Break, tlsPort: number) {
  const clients = new Set<Socket>()
  let index = 0
  const server = createServer((client) => {
    clients.add(client)
    client.on('error', () => {}).once('close', () => clients.delete(client))
    behave(client, index++, tlsPort)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const client of clients) client.destroy()
      await closed
    },
  }
}

export const tlsFaults: readonly Fault[] = [
  goodTls,
  ...rows.map(certificateFault),
  ...breaks.map(handshakeFault),
]
