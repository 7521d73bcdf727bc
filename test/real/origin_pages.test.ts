import { expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { unknownOrigin } from '../../src/origins/origin_of.ts'
import { probeOnce } from '../support/probes/probe_once.ts'
import type { BalancerOptions } from '../support/processes/balancer_files.ts'
import {
  type RealBalancer,
  startApache,
  startHaproxy,
  startNginx,
} from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startFullListener } from '../support/servers/full_listener.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { answerBytes, type Play, say, sayAndStay, startRawServer } from '../support/servers/raw_server.ts'

/** How a node can fail a balancer. */
const failures = {
  refuses: async () => nodeAt(await freePort()),
  'lets nobody connect': async () => {
    const listener = await startFullListener()
    return { port: listener.port, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() }
  },
  'closes at once': () => startRawServer(say('')),
  resets: () => startRawServer((socket) => socket.resetAndDestroy()),
  'sends too long a header': () =>
    startRawServer(say(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)),
  'breaks off in its headers': () => startRawServer(say('HTTP/1.1 200 OK\r\nContent-Ty')),
  'is silent': () => startRawServer(sayAndStay('')),
} as const satisfies Record<string, () => Promise<Node>>

type Failure = keyof typeof failures

interface Node extends AsyncDisposable {
  readonly port: number
}

const nodeAt = (port: number): Node => ({ port, [Symbol.asyncDispose]: async () => {} })

/** What each of them makes of it, as measured: no two agree. */
const products = [
  {
    who: 'nginx',
    says: 'nginx',
    program: 'nginx',
    start: startNginx,
    none: 502,
    status: {
      refuses: 502,
      'lets nobody connect': 504,
      'closes at once': 502,
      resets: 502,
      'sends too long a header': 502,
      'breaks off in its headers': 502,
      'is silent': 504,
    },
  },
  {
    who: 'haproxy',
    says: 'HAProxy',
    program: 'haproxy',
    start: startHaproxy,
    none: 503,
    status: {
      refuses: 503,
      'lets nobody connect': 503,
      'closes at once': 502,
      resets: 502,
      'sends too long a header': 502,
      'breaks off in its headers': 502,
      'is silent': 504,
    },
  },
  {
    who: 'apache-httpd',
    says: 'Apache httpd',
    program: 'apache2',
    start: startApache,
    none: 503,
    status: {
      refuses: 503,
      'lets nobody connect': 503,
      'closes at once': 502,
      resets: 502,
      'sends too long a header': 502,
      'breaks off in its headers': 502,
      'is silent': 502,
    },
  },
] as const satisfies readonly {
  readonly who: string
  readonly says: string
  readonly program: string
  readonly start: (options: BalancerOptions) => Promise<RealBalancer>
  readonly none: number
  readonly status: Readonly<Record<Failure, number>>
}[]

for (const { who, says, program, start, none, status } of products)
  suiteWith(program)(`an error page of the real ${program}`, () => {
    test.concurrent.for(Object.entries(status) as [Failure, number][])(
      'is known as its own where the node %s: %i',
      async ([failure, code]) => {
        await using node = await failures[failure]()
        const { status: answered, origin, tells } = await probeThrough(start, node)
        expect({ answered, origin }).toEqual({ answered: code, origin: who })
        expect(tells).toMatch(new RegExp(`^${says}: `))
      },
    )

    test.concurrent('is known as its own where no node is in rotation', async () => {
      const { status: answered, origin } = await probeThrough(start, nodeAt(await freePort()), { down: true })
      expect({ answered, origin }).toEqual({ answered: none, origin: who })
    })

    test.concurrent.for([502, 503, 504])(
      'is known as its own where nobody else was asked: %i',
      async (code) => {
        const { status: answered, origin } = await probeThrough(start, nodeAt(await freePort()), {
          alone: code,
        })
        expect({ answered, origin }).toEqual({ answered: code, origin: who })
      },
    )

    test.concurrent.for(['502 Bad Gateway', '503 Service Unavailable', '504 Gateway Timeout'])(
      "is not what the application's own page behind it is taken for: %s",
      async (line) => {
        await using node = await startRawServer(answers(line))
        const { status: answered, origin } = await probeThrough(start, node)
        expect({ answered, origin }).toEqual({ answered: Number.parseInt(line), origin: unknownOrigin })
      },
    )
  })

/** A page that says what went wrong, in the application's own words. */
const answers =
  (line: string): Play =>
  (socket) => {
    const page = `<html><head><title>${line}</title></head><body><h1>${line}</h1><p>We are back soon.</p></body></html>`
    socket.end(answerBytes(page, ['Content-Type: text/html', 'Server: Intranet'], line))
  }

async function probeThrough(
  start: (options: BalancerOptions) => Promise<RealBalancer>,
  node: Node,
  more: Partial<BalancerOptions> = {},
): Promise<Outcome> {
  await using balancer = await start({ nodes: [`127.0.0.1:${node.port}`], timeoutMs: 1000, ...more })
  return await probeOnce({ port: Number(balancer.address.split(':').at(-1)) })
}
