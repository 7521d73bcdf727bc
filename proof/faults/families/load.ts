/** Much at once: targets going dark, scrapers that flood or dawdle or do not come, hostile clients, a stop in trouble. */

import { setTimeout as sleep } from 'node:timers/promises'
import { openJournalReader } from '../../../src/journal/read/reader.ts'
import { total } from '../../../test/support/rules/exposition.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'
import { startRawServer } from '../../../test/support/servers/raw_server.ts'
import { groups } from '../../bench/targets.ts'
import { pidOf, startPeer, stop } from '../../processes.ts'
import { type Fault, Miss, type RunningFarmprobe } from '../fault.ts'
import { stopChild } from '../support/child.ts'
import { connected, statusFrom } from '../support/clients.ts'
import { words } from '../support/probe_results.ts'
import { badFarm } from '../support/servers.ts'

/** Of all farms; the scraper reads the healthy one alone where there are so many. */
async function outages({ child }: RunningFarmprobe): Promise<number> {
  const response = await fetch(`${child.url}/metrics`, { headers: { connection: 'close' } })
  const counts = (await response.text()).matchAll(/^farmprobe_outages_total\{.*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** So many targets in farms of fifty, all served by one process, which is then stopped as a machine room is. */
const dark = (name: string, how: 'STOP' | 'KILL', what: string, reasons: string): Fault => ({
  name,
  expected: `all targets ${what} at once: each an outage (${reasons}), while healthy nodes are probed on time`,
  alone: true,
  async run({ experiment, short }) {
    const targets = short ? 1000 : 10_000
    const port = await freePort()
    const peer = await startPeer(new URL('../../bench/peers/server.ts', import.meta.url), [`${port}`, 'fast'])
    const check = { name: 'home', path: '/', interval: short ? '5s' : '30s', timeout: '3s' }
    const farms = groups(targets, 50).map(([balancer, ...nodes], index) => ({
      name: `dark${index}`,
      url: `http://dark.test:${port}`,
      address: `${balancer}:${port}`,
      nodes: nodes.map((address, node) => ({ name: `web${node}`, address: `${address}:${port}` })),
      checks: [check],
    }))
    const allow = { residentMiB: short ? 192 : 768, liveMiB: short ? 16 : 64 } as const
    try {
      return await experiment({ farms, allow }, async (farmprobe) => {
        await sleep(short ? 3000 : 20_000)
        process.kill(pidOf(peer), `SIG${how}`)
        const all = async () => (await outages(farmprobe)) >= targets
        await farmprobe.until(`${targets} outages`, all, short ? 25_000 : 90_000)
        return `${await outages(farmprobe)} outages opened`
      })
    } finally {
      peer.kill('SIGCONT')
      if (how === 'STOP') await stop(peer)
    }
  },
})

const scrapeFlood: Fault = {
  name: 'scrape-flood',
  expected:
    '20 scrapers of one client, each asking again at once: answered, or refused with 503 or cut off; another client is answered each time',
  run: ({ experiment, short }) =>
    // What was packed on many threads at once, malloc keeps for the next time.
    experiment({ allow: { residentMiB: 64 } }, async (farmprobe) => {
      const endMs = performance.now() + (short ? 2000 : 20_000)
      const answers: Record<string, number> = {}
      const flood = async () => {
        while (performance.now() < endMs) {
          // A refusal ends the connection, at times before the client has sent its request.
          const flooding = statusFrom('127.7.0.1', `${farmprobe.child.url}/metrics`)
          const answer = await flooding.catch(() => 'cut off')
          answers[answer] = (answers[answer] ?? 0) + 1
        }
      }
      const polite = async () => {
        let scrapes = 0
        for (; performance.now() < endMs; scrapes += 1) {
          await farmprobe.scraper.read()
          await sleep(200)
        }
        return scrapes
      }
      const [scrapes] = await Promise.all([polite(), ...Array.from({ length: 20 }, flood)])
      const others = Object.keys(answers).filter((answer) => !['200', '503', 'cut off'].includes(answer))
      if (others.length > 0 || answers['200'] === undefined) throw new Miss(`answers were ${words(answers)}`)
      return `${words(answers)}; the other client was answered ${scrapes} times`
    }),
}

const scrapersDawdle: Fault = {
  name: 'scrapers-dawdle',
  expected: '200 clients that ask for /metrics and read nothing: others are answered, no slot is missed',
  run: ({ experiment, short }) =>
    experiment({}, async (farmprobe) => {
      await connected(farmprobe, 200, async (sockets) => {
        for (const socket of sockets) socket.pause().write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
        await sleep(short ? 1500 : 20_000)
        await farmprobe.value('farmprobe_up')
      })
      return 'scrapes were answered all the while'
    }),
}

const clientsTalkNonsense: Fault = {
  name: 'clients-talk-nonsense',
  expected: '300 clients that send garbage, half a request or endless headers: refused, nobody is let in',
  run: ({ experiment, short }) =>
    experiment({}, async (farmprobe) => {
      const answers: Record<string, number> = {}
      const nonsense = [
        '\0\x01\x02\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
        'GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n',
        'POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'POST /-/re',
      ]
      await connected(farmprobe, 300, async (sockets) => {
        for (const [index, socket] of sockets.entries()) {
          socket.once('data', (data) => {
            const [, status = 'no status'] = /^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1')) ?? []
            answers[status] = (answers[status] ?? 0) + 1
          })
          socket.write(nonsense[index % nonsense.length] ?? '', 'latin1')
        }
        await sleep(short ? 1500 : 20_000)
      })
      const letIn = Object.keys(answers).filter((status) => !status.startsWith('4'))
      if (letIn.length > 0) throw new Miss(`answers were ${words(answers)}`)
      return words(answers)
    }),
}

const pagesComeAndGo: Fault = {
  name: 'pages-come-and-go',
  expected: '300 pages that open the live stream and leave without a word: no stream is kept',
  run: ({ experiment, short }) =>
    experiment({}, async (farmprobe) => {
      for (let round = 0; round < (short ? 3 : 30); round += 1)
        await connected(farmprobe, 100, async (sockets) => {
          for (const socket of sockets) socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: a\r\n\r\n')
          await sleep(500)
        })
      return 'all streams let go'
    }),
}

const prometheusGone: Fault = {
  name: 'prometheus-gone',
  expected:
    'nobody scrapes while as many probes are made as in an hour: what is kept is bounded, all are counted',
  async run({ experiment, short }) {
    await using server = await startRawServer((socket, _request, index) => {
      // Every hundredth fails, so that there is something to tell.
      const status = index % 100 < 3 ? '500 No' : '200 OK'
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`)
    })
    const check = { interval: '20ms', timeout: '1s', burst: false }
    const farms = [0, 1, 2, 3].map((index) => ({
      ...badFarm({ port: server.port, check }),
      name: `busy${index}`,
    }))
    // The last 20,000 probes are remembered.
    return await experiment({ farms, unscraped: true, allow: { liveMiB: 40 } }, async (farmprobe) => {
      // Five targets every five seconds are 3600 probes an hour.
      const wanted = short ? 1200 : 36_000
      await farmprobe.until(`${wanted} probes`, () => server.requests.length >= wanted, 180_000)
      const { samples } = await farmprobe.scraper.read()
      const counted = [0, 1, 2, 3].reduce(
        (sum, index) => sum + total(samples, 'farmprobe_probes_total', { farm: `busy${index}` }),
        0,
      )
      const asked = server.requests.length
      // A batch is out at most, and what is in flight.
      if (asked - counted > 200) throw new Miss(`of ${asked} probes ${counted} were counted`)
      return `${asked} probes, ${counted} of them counted at the first scrape`
    })
  },
}

const stopInTrouble: Fault = {
  name: 'sigterm-in-bursts',
  expected:
    'SIGTERM while everything fails and bursts: an end with 0 within 5 s, and every probe in the journal',
  async run({ experiment, short }) {
    await using server = await startRawServer((socket) => socket.resetAndDestroy())
    return await experiment(
      { farms: [badFarm({ port: server.port, check: { interval: '2s' } })], allow: { ends: true } },
      async (farmprobe) => {
        const bursts = async () => (await farmprobe.grown('farmprobe_probes_total', { lane: 'burst' })) > 20
        await farmprobe.until('bursts', bursts, short ? 10_000 : 30_000)
        farmprobe.inspector[Symbol.dispose]()
        const { exit, ms } = await stopChild(farmprobe.child)
        if (exit.code !== 0 || ms > 5000)
          throw new Miss(`it ended with ${exit.code} after ${Math.round(ms)} ms`)
        const kept = journalled(farmprobe.journal, 'bad')
        if (kept < server.requests.length)
          throw new Miss(`of ${server.requests.length} probes ${kept} are in the journal`)
        return `ended with 0 after ${Math.round(ms)} ms, ${kept} probes in the journal, ${server.requests.length} made`
      },
    )
  },
}

/** Probes of a farm that the journal knows of. */
function journalled(file: string, farm: string): number {
  const reader = openJournalReader(file)
  try {
    const steps = reader.steps({ sinceMs: 0, untilMs: 1e15 }, { farm })
    return steps.flatMap((each) => each.steps).reduce((sum, { probes, blind }) => sum + probes + blind, 0)
  } finally {
    reader.close()
  }
}

export const loadFaults: readonly Fault[] = [
  dark('targets-cut-off', 'STOP', 'fall silent', 'timeouts'),
  dark('targets-killed', 'KILL', 'refuse', 'refused'),
  scrapeFlood,
  scrapersDawdle,
  clientsTalkNonsense,
  pagesComeAndGo,
  prometheusGone,
  stopInTrouble,
]
