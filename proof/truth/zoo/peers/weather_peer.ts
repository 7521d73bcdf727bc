/**
 * Network trouble between farmprobe and its targets: a TCP proxy that delays packets, retransmits some, and now and then
 * holds all of them back for a moment. As in TCP no data is lost, and data behind a late packet waits for it. Argument:
 * `WeatherOptions` as JSON. Logs each spell of trouble, and each time without any packet, as one JSON object a line.
 */
import { appendFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../../../src/runtime/random.ts'
import type { Window } from '../../scores/windows.ts'
import type { WeatherPlan } from '../kind.ts'

export interface WeatherOptions {
  /** The addresses to listen on, and where each leads. */
  readonly routes: readonly { readonly host: string; readonly to: string }[]
  readonly port: number
  readonly plan: WeatherPlan
  readonly seed: number
  readonly log: string
  readonly forMs: number
}

const options = JSON.parse(process.argv[2] ?? '{}') as WeatherOptions
const { plan, port } = options
const random = seededRandom(options.seed)
/** The time-out of the first retransmission; it doubles with each further one. */
const retransmitMs = 200
/** How often in a spell no packet passes, and how long at most. */
const gaps = { everyMs: 4000, longestMs: 1500 }
/** One line of the log: `held` when no packet passed. */
export interface WeatherLine extends Window {
  readonly held?: true
}

const log = (line: WeatherLine) => appendFileSync(options.log, `${JSON.stringify(line)}\n`)
const lasting = (forMs: number): Window => ({ fromMs: Date.now(), toMs: Date.now() + forMs })
let isBad = false
let badUntilMs = 0
let gapUntilMs = 0

/** The extra delay of the next packet, in milliseconds. */
function delayMs(): number {
  if (!isBad) return 0
  let ms = plan.delayMs * random() + Math.max(0, gapUntilMs - performance.now())
  for (let waitMs = retransmitMs; random() < plan.loss && waitMs <= 8 * retransmitMs; waitMs *= 2)
    ms += waitMs
  return ms
}

function forward(from: Socket, to: Socket): void {
  let dueMs = 0
  let previous = Promise.resolve()
  // Strictly in order: data behind a late packet waits for it.
  const later = (action: () => void) => {
    dueMs = Math.max(dueMs, performance.now() + delayMs())
    const ownMs = dueMs
    previous = previous.then(() => until(ownMs)).then(action)
  }
  from.on('data', (packet) => later(() => to.write(packet)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => later(() => to.resetAndDestroy()))
}

for (const { host, to } of options.routes) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: to, port, allowHalfOpen: true })
    near.setNoDelay(true)
    far.setNoDelay(true)
    forward(near, far)
    forward(far, near)
  })
  server.listen(port, host)
}

async function until(ms: number): Promise<void> {
  const waitMs = ms - performance.now()
  if (waitMs > 0) await sleep(waitMs)
}

function gap(): void {
  if (!isBad) return
  const forMs = gaps.longestMs * random()
  gapUntilMs = performance.now() + forMs
  // After a spell new packets pass at once.
  log({ ...lasting(Math.min(forMs, badUntilMs - performance.now())), held: true })
  setTimeout(gap, gaps.everyMs * (0.5 + random()))
}

function spell(): void {
  const forMs = plan.forS * 1000 * (0.5 + random())
  badUntilMs = performance.now() + forMs
  log(lasting(forMs))
  isBad = true
  setTimeout(gap, gaps.everyMs * random())
  setTimeout(() => {
    isBad = false
    setTimeout(spell, plan.everyS * 1000 * (0.5 + random()))
  }, forMs)
}

setTimeout(spell, plan.everyS * 1000 * random())
const end = () => process.exit(0)
process.once('SIGTERM', end)
process.once('disconnect', end)
setTimeout(end, options.forMs)
