/** farmprobe as users start it, with clients at its door who want it to fail. */
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { type Sample, total } from '../support/rules/exposition.ts'
import { requestBytes, rudeClient } from '../support/servers/rude_client.ts'

const intervalMs = 100
/** The crowd comes from several addresses, each with as many connections as one may have. */
const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6']
const ofEach = 200

const probed = (metrics: readonly Sample[]) => total(metrics, 'farmprobe_probes_total', { target: 'web01' })

/** Keeps `count` clients at it until stopped: each that is thrown out comes again in a moment. */
async function crowd(port: number, count: number, misbehave: (socket: Socket, number: number) => void) {
  let isOver = false
  const sockets = new Map<number, Socket>()
  const come = async (number: number): Promise<void> => {
    const { socket, ended } = await rudeClient(port, addresses[number % addresses.length])
    sockets.set(number, socket)
    if (!socket.destroyed) misbehave(socket, number)
    void ended.then(() => (isOver ? undefined : setTimeout(() => void come(number), 200)))
  }
  await Promise.all(Array.from({ length: count }, (_, number) => come(number)))
  return {
    [Symbol.dispose]() {
      isOver = true
      for (const socket of sockets.values()) socket.destroy()
    },
  }
}

const silent = () => undefined
const slow = (socket: Socket) => {
  socket.write('GET /metrics HTTP/1.1\r\nX-Slow: ')
  const drip = setInterval(() => socket.write('x'), 50)
  socket.on('close', () => clearInterval(drip))
}
const greedy = (socket: Socket) => {
  socket.pause()
  socket.write(requestBytes('/metrics').repeat(100))
}
const heavy = (socket: Socket) => {
  socket.write(requestBytes('/-/reload', ['Transfer-Encoding: chunked'], 'POST'))
  socket.write(`40000\r\n${'x'.repeat(262_144)}\r\n`)
}
const verbose = (socket: Socket) =>
  void socket.write(`GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`)

/** How long a scrape takes, in milliseconds; for ever, when it fails. */
async function scrapeMs(farmprobe: Farmprobe): Promise<number> {
  const startedMs = performance.now()
  const isDone = await farmprobe.metrics().then(
    () => true,
    () => false,
  )
  return isDone ? performance.now() - startedMs : Number.POSITIVE_INFINITY
}

test('a thousand rude clients hold up neither probes nor scrapes', async () => {
  await using nodes = await startScriptedNodes('balancer', 'web01')
  await using farmprobe = await startFarmprobe(
    shopConfig({
      balancer: nodes.named('balancer').address,
      nodes: [nodes.named('web01')],
      check: { interval: `${intervalMs}ms`, timeout: '5s', burst: false },
    }),
  )
  await eventually('probes', farmprobe.metrics, (metrics) => probed(metrics) >= 5)
  const before = await farmprobe.metrics()
  const port = Number(new URL(farmprobe.url).port)

  using _idle = await crowd(port, addresses.length * ofEach, silent)
  using _slow = await crowd(port, 50, slow)
  using _greedy = await crowd(port, 50, greedy)
  using _heavy = await crowd(port, 10, heavy)
  using _verbose = await crowd(port, 10, verbose)
  // While they arrive, with thousands of requests at once, it is only to be answered at all.
  expect(await scrapeMs(farmprobe)).toBeLessThan(Number.POSITIVE_INFINITY)
  const arrived = await farmprobe.metrics()
  const took: number[] = []
  const after = await eventually(
    'thirty probes more',
    async () => {
      took.push(await scrapeMs(farmprobe))
      return farmprobe.metrics()
    },
    (metrics) => probed(metrics) >= probed(arrived) + 30,
  )

  const grown = (name: string, labels = {}) => total(after, name, labels) - total(before, name, labels)
  // On a machine of one's own no slot is missed; this leaves room for neighbours that take every processor.
  const starts = grown('farmprobe_schedule_lag_seconds_count')
  expect(grown('farmprobe_missed_slots_total') / starts).toBeLessThan(0.25)
  expect(grown('farmprobe_schedule_lag_seconds_bucket', { le: '0.1' }) / starts).toBeGreaterThan(0.75)
  expect(grown('farmprobe_probes_total', { result: 'ok' })).toBe(grown('farmprobe_probes_total'))
  expect(Math.max(...took)).toBeLessThan(Number.POSITIVE_INFINITY)
  expect(took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)]).toBeLessThan(1000)
})
