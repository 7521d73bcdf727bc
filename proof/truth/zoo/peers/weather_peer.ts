/**
 * Bad weather between farmprobe and its targets: passes TCP on, and while the weather is bad each packet takes longer,
 * some have to be sent again, as TCP does it, and now and then nothing passes at all for a moment. Nothing is lost for
 * good; everything behind it waits. Argument: a JSON object, see `WeatherAsked`. Writes down when the weather was bad, one
 * JSON object a line.
 */
import { appendFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../../../src/runtime/random.ts'
import type { Window } from '../../pairing.ts'
import type { WeatherPlan } from '../kind.ts'

export interface WeatherAsked {
  /** What is listened on, and where it leads. */
  readonly routes: readonly { readonly host: string; readonly to: string }[]
  readonly port: number
  readonly plan: WeatherPlan
  readonly seed: number
  readonly log: string
  readonly forMs: number
}

const asked = JSON.parse(process.argv[2] ?? '{}') as WeatherAsked
const { plan, port } = asked
const random = seededRandom(asked.seed)
/** A packet is sent again after this, and then after twice as long. */
const resendMs = 200
/** So often in bad weather nothing passes, and for so long. */
const gaps = { everyMs: 4000, longestMs: 1500 }
let bad = false
let gapUntilMs = 0

/** How much longer a packet takes just now, in milliseconds. */
function delayMs(): number {
  if (!bad) return 0
  let ms = plan.delayMs * random() + Math.max(0, gapUntilMs - performance.now())
  for (let waitMs = resendMs; random() < plan.loss && waitMs <= 8 * resendMs; waitMs *= 2) ms += waitMs
  return ms
}

function carry(from: Socket, to: Socket): void {
  let dueMs = 0
  let before = Promise.resolve()
  // One after the other, as they came: what is behind a late packet waits for it.
  const later = (what: () => void) => {
    dueMs = Math.max(dueMs, performance.now() + delayMs())
    const ownMs = dueMs
    before = before.then(() => until(ownMs)).then(what)
  }
  from.on('data', (packet) => later(() => to.write(packet)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => later(() => to.resetAndDestroy()))
}

for (const { host, to } of asked.routes) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: to, port, allowHalfOpen: true })
    near.setNoDelay(true)
    far.setNoDelay(true)
    carry(near, far)
    carry(far, near)
  })
  server.listen(port, host)
}

async function until(ms: number): Promise<void> {
  const waitMs = ms - performance.now()
  if (waitMs > 0) await sleep(waitMs)
}

function gap(): void {
  if (!bad) return
  gapUntilMs = performance.now() + gaps.longestMs * random()
  setTimeout(gap, gaps.everyMs * (0.5 + random()))
}

function turn(): void {
  const forMs = plan.forS * 1000 * (0.5 + random())
  const window: Window = { fromMs: Date.now(), toMs: Date.now() + forMs }
  appendFileSync(asked.log, `${JSON.stringify(window)}\n`)
  bad = true
  setTimeout(gap, gaps.everyMs * random())
  setTimeout(() => {
    bad = false
    setTimeout(turn, plan.everyS * 1000 * (0.5 + random()))
  }, forMs)
}

setTimeout(turn, plan.everyS * 1000 * random())
const end = () => process.exit(0)
process.once('SIGTERM', end)
process.once('disconnect', end)
setTimeout(end, asked.forMs)
